//! How a PostgreSQL is spoken to: in clear on this machine, anywhere else encrypted, and only with whom an authority of
//! the installation vouches for. Says it with the words of libpq, so that `pg_dump` understands the same address.

use std::borrow::Cow;
use std::path::Path;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tongban_base::{Problem, Result};
use tongban_outward::{Authorities, is_this_machine};

const MODE: &str = "sslmode";
const AUTHORITIES: &str = "sslrootcert";

pub(super) struct Address {
    pub config: Config,
    /// Whom to believe; none where nothing is encrypted.
    pub trusted: Option<Authorities>,
}

impl Address {
    /// Errors: in clear to another machine, encrypted without an authority, no address at all.
    pub(super) fn parse(url: &str) -> Result<Self> {
        let wish = Wish::of(url);
        let mut config: Config = wish.rest.parse().map_err(Problem::internal)?;
        if !wish.encrypted() && config.get_ssl_mode() != SslMode::Require {
            return match stays_here(&config) {
                true => Ok(Self {
                    config,
                    trusted: None,
                }),
                false => Err(in_clear()),
            };
        }
        let file = wish.authorities.ok_or_else(no_authority)?;
        let file = percent_decode_str(file).decode_utf8_lossy();
        config.ssl_mode(SslMode::Require);
        Ok(Self {
            config,
            trusted: Some(Authorities::read(Path::new(file.as_ref()))?),
        })
    }
}

/// The same address for `pg_dump` and `pg_restore`: what is encrypted here is encrypted there, and judged as strictly.
pub fn libpq_address(url: &str) -> String {
    match Wish::of(url) {
        wish if !wish.encrypted() => url.to_owned(),
        Wish {
            rest, authorities, ..
        } => {
            let separator = if rest.contains('?') { '&' } else { '?' };
            let authorities = authorities.unwrap_or_default();
            format!("{rest}{separator}{MODE}=verify-full&{AUTHORITIES}={authorities}")
        }
    }
}

/// What a URL says of encryption, and the rest of it.
struct Wish<'a> {
    mode: Option<&'a str>,
    authorities: Option<&'a str>,
    rest: Cow<'a, str>,
}

impl<'a> Wish<'a> {
    fn of(url: &'a str) -> Self {
        let is_url = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        let Some((front, query)) = url.split_once('?').filter(|_| is_url) else {
            return Self {
                mode: None,
                authorities: None,
                rest: url.into(),
            };
        };
        let (mut mode, mut authorities, mut others) = (None, None, Vec::new());
        for part in query.split('&') {
            match part.split_once('=') {
                Some((MODE, value)) => mode = Some(value),
                Some((AUTHORITIES, value)) => authorities = Some(value),
                _ => others.push(part),
            }
        }
        Self {
            mode,
            authorities,
            rest: match others.is_empty() {
                true => front.into(),
                false => format!("{front}?{}", others.join("&")).into(),
            },
        }
    }

    /// An authority is named to be asked, and whatever is more than a wish is a command.
    fn encrypted(&self) -> bool {
        match self.mode {
            Some("disable") => false,
            None | Some("allow" | "prefer") => self.authorities.is_some(),
            Some(_) => true,
        }
    }
}

fn stays_here(config: &Config) -> bool {
    let named = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => is_this_machine(name),
        Host::Unix(_) => true,
    });
    named && config.get_hostaddrs().iter().all(|ip| ip.is_loopback())
}

fn in_clear() -> Problem {
    Problem::invalid(
        "store.in_clear",
        "数据库不在本机，不能用明文连接。请在数据库地址后面加上 ?sslmode=verify-full&sslrootcert=文件，文件是签发数据库证书的机构（PEM 格式）",
    )
}

fn no_authority() -> Problem {
    Problem::invalid(
        "store.no_authority",
        "数据库地址要求加密连接，还要写明 sslrootcert=文件，文件是签发数据库证书的机构（PEM 格式）",
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        Address::parse(url).err().unwrap().code().to_owned()
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_clear() {
        for near in [
            "postgres://u@127.0.0.1:5432/d",
            "postgres://u@127.8.0.1/d?sslmode=disable",
            "postgres://u@[::1]/d?connect_timeout=3",
            "postgresql://u@localhost,127.0.0.1/d?sslmode=prefer",
            "postgres:///d?host=/run/postgresql",
            "host=/run/postgresql user=u",
        ] {
            assert!(Address::parse(near).unwrap().trusted.is_none(), "{near}");
        }
        for far in [
            "postgres://u@192.0.2.1/d",
            "postgres://u@db.example/d?sslmode=disable",
            "postgres://u@localhost,db.example/d?sslmode=prefer",
            "postgres://u@localhost/d?hostaddr=192.0.2.1",
            "postgres://u@localhost.example/d",
            "host=db.example user=u",
        ] {
            assert_eq!(refused(far), "store.in_clear", "{far}");
        }
    }

    #[test]
    fn what_is_to_be_encrypted_names_its_authority() {
        for bare in [
            "postgres://u@db.example/d?sslmode=require",
            "postgres://u@127.0.0.1/d?sslmode=verify-full",
            "host=127.0.0.1 user=u sslmode=require",
        ] {
            assert_eq!(refused(bare), "store.no_authority", "{bare}");
        }
        let missing = "postgres://u@db.example/d?sslrootcert=/nowhere/a%20file";
        let problem = Address::parse(missing).err().unwrap();
        assert_eq!(problem.code(), "outward.authorities");
        assert!(problem.message().contains("/nowhere/a file"), "{problem}");
    }

    #[test]
    fn other_programs_are_as_strict() {
        let of = |options: &str| libpq_address(&format!("postgres://u@h/d{options}"));
        let strict = "postgres://u@h/d?sslmode=verify-full&sslrootcert=/a%20b";
        for options in [
            "?sslrootcert=/a%20b",
            "?sslmode=require&sslrootcert=/a%20b",
            "?sslrootcert=/a%20b&sslmode=verify-ca",
        ] {
            assert_eq!(of(options), strict, "{options}");
        }
        assert_eq!(
            of("?sslrootcert=/a&connect_timeout=3"),
            "postgres://u@h/d?connect_timeout=3&sslmode=verify-full&sslrootcert=/a"
        );
        for plain in ["", "?connect_timeout=3", "?sslmode=disable"] {
            assert_eq!(of(plain), format!("postgres://u@h/d{plain}"));
        }
    }
}
