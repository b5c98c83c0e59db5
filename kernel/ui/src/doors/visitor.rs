//! Who a request comes from. A proxy is believed only where it is named in the settings, and only the one header that
//! it writes: the other it would pass on as a stranger sent it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderName, header};

use super::{DoorSettings, is_among};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// In which header a proxy writes for whom it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For` and `X-Forwarded-Proto`.
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Visitor {
    /// None within this process.
    pub(crate) address: Option<IpAddr>,
    /// Whether the visitor's own connection is encrypted, if a proxy tells.
    pub(crate) https: Option<bool>,
    /// Came through a proxy that is not believed: the address is not the visitor's.
    pub(crate) is_disguised: bool,
}

impl Visitor {
    pub(crate) fn of(settings: &DoorSettings, request: &Request) -> Self {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|peer| peer.0.ip().to_canonical());
        let Some(peer) = peer.filter(|peer| is_among(&settings.proxies, *peer)) else {
            return Self {
                address: peer,
                https: None,
                is_disguised: was_passed_on(request.headers()),
            };
        };
        let (hops, https) = match settings.proxy_header {
            ProxyHeader::XForwardedFor => listed(request.headers()),
            ProxyHeader::Forwarded => forwarded(request.headers()),
        };
        Self {
            address: Some(nearest(settings, peer, &hops)),
            https,
            is_disguised: false,
        }
    }

    /// One of the addresses of these nets, and surely.
    pub(crate) fn is_among(&self, nets: &[ipnet::IpNet]) -> bool {
        match self.address {
            Some(address) => !self.is_disguised && is_among(nets, address),
            None => !self.is_disguised,
        }
    }
}

fn was_passed_on(headers: &HeaderMap) -> bool {
    const WRITTEN_BY_PROXIES: [&str; 11] = [
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-port",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "true-client-ip",
        "cf-connecting-ip",
    ];
    WRITTEN_BY_PROXIES
        .iter()
        .any(|name| headers.contains_key(*name))
}

/// From the right: what stands left of the first stranger was written by strangers.
fn nearest(settings: &DoorSettings, peer: IpAddr, hops: &[Option<IpAddr>]) -> IpAddr {
    let mut known = peer;
    for hop in hops.iter().rev() {
        let Some(hop) = hop else { break };
        known = *hop;
        if !is_among(&settings.proxies, known) {
            break;
        }
    }
    known
}

fn listed(headers: &HeaderMap) -> (Vec<Option<IpAddr>>, Option<bool>) {
    let hops = parts(headers, &X_FORWARDED_FOR).map(|hop| address(&hop));
    let proto = parts(headers, &X_FORWARDED_PROTO).last();
    (hops.collect(), proto.map(|proto| is_https(&proto)))
}

fn forwarded(headers: &HeaderMap) -> (Vec<Option<IpAddr>>, Option<bool>) {
    let elements: Vec<String> = parts(headers, &header::FORWARDED).collect();
    let value = |element: &str, wanted: &str| {
        let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
        let mut pairs = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        pairs
            .next()
            .map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let hops = elements.iter().map(|e| address(&value(e, "for")?));
    let proto = elements.last().and_then(|e| value(e, "proto"));
    (hops.collect(), proto.map(|proto| is_https(&proto)))
}

fn parts<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> + use<'h> {
    let lines = headers.get_all(name).iter().filter_map(|v| v.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(|part| part.trim().to_owned())
}

fn is_https(proto: &str) -> bool {
    proto.eq_ignore_ascii_case("https")
}

/// With or without a port; long addresses in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let parsed = text
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .or_else(|_| text.trim_matches(['[', ']']).parse());
    parsed.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use axum::body::Body;

    use super::*;

    fn settings(proxy_header: ProxyHeader) -> DoorSettings {
        DoorSettings {
            proxies: vec!["10.0.0.0/8".parse().unwrap()],
            proxy_header,
            ..DoorSettings::default()
        }
    }

    fn visitor(settings: &DoorSettings, peer: &str, headers: &[(&str, &str)]) -> Visitor {
        let mut request = Request::new(Body::empty());
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        Visitor::of(settings, &request)
    }

    fn told(visitor: Visitor) -> String {
        visitor.address.unwrap().to_string()
    }

    #[test]
    fn only_a_named_proxy_is_believed_and_only_its_own_header() {
        let settings = settings(ProxyHeader::XForwardedFor);
        let sent = [
            ("x-forwarded-for", "198.51.100.1, 203.0.113.9"),
            ("x-forwarded-for", "10.0.0.3"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=192.0.2.66;proto=http"),
        ];
        let through = visitor(&settings, "10.0.0.2:4000", &sent);
        assert_eq!(told(through), "203.0.113.9");
        assert_eq!((through.https, through.is_disguised), (Some(true), false));
        let stranger = visitor(&settings, "192.0.2.1:4000", &sent);
        assert_eq!(told(stranger), "192.0.2.1");
        assert_eq!((stranger.https, stranger.is_disguised), (None, true));
        assert!(!stranger.is_among(&["192.0.2.0/24".parse().unwrap()]));
        for name in ["x-real-ip", "via", "x-forwarded-host", "true-client-ip"] {
            let hidden = visitor(&settings, "127.0.0.1:4000", &[(name, "192.0.2.66")]);
            assert!(hidden.is_disguised, "{name}");
        }
        let itself = visitor(&settings, "10.0.0.2:4000", &[]);
        assert_eq!(told(itself), "10.0.0.2");
    }

    #[test]
    fn the_standard_header_is_read_with_quotes_brackets_and_ports() {
        let settings = settings(ProxyHeader::Forwarded);
        let sent = [
            ("x-forwarded-for", "192.0.2.66"),
            (
                "forwarded",
                "for=unknown, for=\"[2001:db8::7]:4711\";proto=https, For=10.1.1.1;proto=HTTPS",
            ),
        ];
        let through = visitor(&settings, "10.0.0.2:4000", &sent);
        assert_eq!(
            (told(through).as_str(), through.https),
            ("2001:db8::7", Some(true))
        );
        let hidden = visitor(&settings, "10.0.0.2:4000", &[("forwarded", "for=_hidden")]);
        assert_eq!(told(hidden), "10.0.0.2");
    }
}
