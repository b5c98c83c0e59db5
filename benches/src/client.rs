//! The client that all pages are measured with: HTTP/1.1 over one connection that stays open, as plain as can be, so
//! that its own work stays small beside the server's. Understands only answers with a length.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tongban_base::{Problem, Result};

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

pub struct Answer {
    pub status: u16,
    /// Bytes of head and body.
    pub size: usize,
}

struct Head {
    status: u16,
    length: usize,
    body: usize,
}

impl Connection {
    pub async fn open(server: SocketAddr) -> Result<Self> {
        Self::open_from(Ipv4Addr::UNSPECIFIED, server).await
    }

    /// From an address of its own.
    pub async fn open_from(own: Ipv4Addr, server: SocketAddr) -> Result<Self> {
        let stream = connect(own, server).await?;
        stream.set_nodelay(true).map_err(Problem::internal)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream
            .write_all(request)
            .await
            .map_err(Problem::internal)?;
        self.buffer.clear();
        let mut head: Option<Head> = None;
        loop {
            if head.is_none() {
                head = read_head(&self.buffer)?;
            }
            if let Some(head) = &head
                && self.buffer.len() >= head.body + head.length
            {
                return Ok(Answer {
                    status: head.status,
                    size: self.buffer.len(),
                });
            }
            let read = self.stream.read_buf(&mut self.buffer).await;
            if read.map_err(Problem::internal)? == 0 {
                return Err(Problem::internal("the server closed the connection"));
            }
        }
    }
}

pub(crate) async fn connect(own: Ipv4Addr, server: SocketAddr) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4().map_err(Problem::internal)?;
    let own = SocketAddr::from((own, 0));
    socket.bind(own).map_err(Problem::internal)?;
    socket.connect(server).await.map_err(Problem::internal)
}

/// None while it has not arrived whole.
fn read_head(bytes: &[u8]) -> Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let status: u16 = status
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| Problem::internal("an answer without a status"))?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .ok_or_else(|| Problem::internal("an answer without a length"))?;
    Ok(Some(Head {
        status,
        length,
        body: end + 4,
    }))
}

/// A page as a browser asks for it.
pub fn get(path: &str, session: Option<&str>) -> Vec<u8> {
    let cookie = cookie(session);
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n{cookie}\r\n")
        .into_bytes()
}

/// A form as a browser sends it from a page of the same site.
pub fn post(path: &str, session: &str, body: &str) -> Vec<u8> {
    let (cookie, length) = (cookie(Some(session)), body.len());
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nOrigin: http://127.0.0.1\r\n{cookie}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn cookie(session: Option<&str>) -> String {
    session.map_or_else(String::new, |token| {
        format!("Cookie: tongban_session={token}\r\n")
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_it_is_whole() {
        assert!(read_head(b"HTTP/1.1 200 OK\r\ncontent-").unwrap().is_none());
        let head = read_head(b"HTTP/1.1 303 See Other\r\nContent-Length: 5\r\n\r\nhel").unwrap();
        let head = head.unwrap();
        assert_eq!((head.status, head.length), (303, 5));
        assert!(read_head(b"nonsense\r\n\r\n").is_err());
    }
}
