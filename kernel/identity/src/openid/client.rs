//! An application that people may log in to with their account here: as a pack describes it, and as it is known once
//! that description holds. Knows no file.

use url::Url;

use super::{Scope, Scopes};

/// An application as somebody describes it.
#[derive(Clone, Debug, Default)]
pub struct NewClient {
    pub code: String,
    /// What people are told that they log in to.
    pub title: String,
    pub redirect_uris: Vec<String>,
    /// SM3 of the secret, 64 hexadecimal digits.
    pub secret_digest: Option<String>,
    /// Without a secret: a program on people's own devices, where none can be kept.
    pub public: bool,
    pub scopes: Vec<String>,
}

/// An application whose description holds.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) redirect_uris: Vec<String>,
    /// None for a public one.
    pub(crate) secret_digest: Option<Vec<u8>>,
    pub(crate) scopes: Scopes,
}

impl Client {
    /// Errors: everything that does not hold, in words.
    pub fn new(wish: NewClient) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        // It stands in addresses: a dot alone would lead elsewhere.
        let begins = wish.code.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !begins || wish.code.len() > 64 || !wish.code.chars().all(plain) {
            faults
                .push("代码由英文字母、数字和 - _ . 组成，以字母或数字开头，最长 64 位".to_owned());
        }
        if wish.title.trim().is_empty() {
            faults.push("没有名称".to_owned());
        }
        if wish.redirect_uris.is_empty() {
            faults.push("没有回调地址".to_owned());
        }
        for uri in &wish.redirect_uris {
            faults.extend(redirect_fault(uri).map(|reason| format!("回调地址 {uri} {reason}")));
        }
        let secret = secret(&wish).map_err(|words| faults.push(words)).ok();
        let scopes = scopes(&wish.scopes, &mut faults);
        match (secret, faults.is_empty()) {
            (Some(secret_digest), true) => Ok(Self {
                code: wish.code,
                title: wish.title,
                redirect_uris: wish.redirect_uris,
                secret_digest,
                scopes,
            }),
            _ => Err(faults),
        }
    }
}

fn secret(wish: &NewClient) -> Result<Option<Vec<u8>>, String> {
    match (&wish.secret_digest, wish.public) {
        (None, true) => Ok(None),
        (Some(digest), false) => match hex::decode(digest) {
            Ok(bytes) if bytes.len() == 32 => Ok(Some(bytes)),
            _ => Err("secret_digest 应为密钥的 SM3 摘要，64 位十六进制数".to_owned()),
        },
        (Some(_), true) => Err("public = true 的应用没有密钥，请去掉 secret_digest".to_owned()),
        (None, false) => Err("请写 secret_digest；没有密钥的应用请写 public = true".to_owned()),
    }
}

fn scopes(codes: &[String], faults: &mut Vec<String>) -> Scopes {
    let mut scopes = Scopes::default();
    for code in codes {
        match Scope::of(code) {
            Some(scope) => scopes.insert(scope),
            None => faults.push(format!("没有信息范围 {code}")),
        }
    }
    if !scopes.has(Scope::OpenId) {
        faults.push("信息范围里要有 openid".to_owned());
    }
    if scopes.has(Scope::RealName) && !scopes.has(Scope::Profile) {
        faults.push("信息范围 real_name 要和 profile 一起写".to_owned());
    }
    scopes
}

/// Codes travel in this address: encrypted, or not leaving the machine (OAuth 2.0 for native apps, RFC 8252, 7.3).
fn redirect_fault(uri: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(uri) else {
        return Some("不是完整的网址");
    };
    let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        return Some("应以 https:// 开头；只有本机地址可以用 http://");
    }
    if url.fragment().is_some() {
        return Some("不能带 #");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("不能带用户名和密码");
    }
    let host = url.host_str().unwrap_or_default();
    if host.starts_with('[') || host.contains('*') {
        return Some("请写域名或 IPv4 地址，不能用通配符");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(change: impl FnOnce(&mut NewClient)) -> String {
        let mut wish = NewClient {
            code: "a".into(),
            title: "甲".into(),
            redirect_uris: vec!["https://app.example/back?x=1".into()],
            secret_digest: Some("0".repeat(64)),
            public: false,
            scopes: vec!["openid".into()],
        };
        change(&mut wish);
        Client::new(wish).err().unwrap_or_default().join("；")
    }

    #[test]
    fn a_description_that_holds_is_taken() {
        assert_eq!(faults(|_| ()), "");
        assert_eq!(
            faults(|wish| {
                wish.redirect_uris = vec!["http://127.0.0.1:8799/back".into()];
                wish.secret_digest = None;
                wish.public = true;
            }),
            ""
        );
    }

    #[test]
    fn redirects_must_be_whole_encrypted_and_without_tricks() {
        for (uri, reason) in [
            ("/back", "完整"),
            ("http://app.example/back", "https://"),
            ("javascript:alert(1)", "https://"),
            ("com.example.app:/back", "https://"),
            ("https://app.example/#x", "#"),
            ("https://user:pass@app.example/", "用户名"),
            ("https://*.example/", "通配符"),
            ("https://[::1]/", "IPv4"),
        ] {
            let words = faults(|wish| wish.redirect_uris = vec![uri.into()]);
            assert!(words.contains(reason), "{uri}: {words}");
        }
        assert!(faults(|wish| wish.redirect_uris.clear()).contains("没有回调地址"));
    }

    #[test]
    fn either_a_secret_or_none_but_said_so() {
        assert!(faults(|wish| wish.secret_digest = None).contains("public = true"));
        assert!(faults(|wish| wish.public = true).contains("去掉"));
        assert!(faults(|wish| wish.secret_digest = Some("secret".into())).contains("SM3"));
    }

    #[test]
    fn scopes_are_known_ones_and_belong_together() {
        assert!(faults(|wish| wish.scopes.push("email".into())).contains("email"));
        assert!(faults(|wish| wish.scopes.clear()).contains("openid"));
        assert!(faults(|wish| wish.scopes.push("real_name".into())).contains("profile"));
    }
}
