//! The counterparts that an installation names, and whom it trusts to vouch for them.

use tongban_outward::{Authorities, Counterpart, Unusable};

use crate::cli::OutwardArgs;
use crate::failure::Failure;

/// What the command line says of connections outward.
#[derive(Default)]
pub struct Outward(Option<Authorities>);

impl Outward {
    /// Errors: a file without certificates.
    pub fn of(args: &OutwardArgs) -> Result<Self, Failure> {
        let authorities = args.authorities.as_deref().map(Authorities::read);
        let authorities = authorities.transpose();
        Ok(Self(authorities.map_err(|problem| {
            Failure::new(format!("{}，没有启动", problem.message()))
        })?))
    }

    /// `what` is how people call it. Errors: an address that must not or cannot be used.
    pub fn counterpart(&self, what: &str, url: &str) -> Result<Counterpart, Failure> {
        Counterpart::at(url, self.0.as_ref()).map_err(|unusable| {
            let why = match unusable {
                Unusable::Form => "应形如 https://主机:端口",
                Unusable::InClear => {
                    "不在本机，不能用明文连接。请改用 https:// 地址，并用 --counterpart-ca（TONGBAN_COUNTERPART_CA）指定签发其证书的机构（PEM 文件）"
                }
                Unusable::NoAuthority => {
                    "是加密地址，还要用 --counterpart-ca（TONGBAN_COUNTERPART_CA）指定签发其证书的机构（PEM 文件）"
                }
            };
            Failure::new(format!("{what}的地址 {url} {why}"))
        })
    }
}
