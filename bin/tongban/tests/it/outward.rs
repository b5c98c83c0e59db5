//! What leaves the house in clear goes to this machine only. A start that would do otherwise is refused, and says what to
//! set; nobody is connected to before.

use std::path::Path;

use crate::server::program;

/// An address that is nobody's (RFC 5737).
const ELSEWHERE: &str = "192.0.2.1";

fn refused(data: &Path, database: Option<&str>, variables: &[(&str, &str)]) -> String {
    let mut serve = program(data, database, &["serve", "--listen", "127.0.0.1:0"]);
    let done = serve.envs(variables.iter().copied()).output().unwrap();
    assert!(!done.status.success());
    String::from_utf8(done.stderr).unwrap()
}

#[test]
fn an_address_elsewhere_in_clear_is_refused_at_the_start_and_told_what_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let (clear, encrypted) = (
        format!("http://{ELSEWHERE}:8080"),
        format!("https://{ELSEWHERE}:8443"),
    );
    for (what, variable) in [
        ("人口库", "TONGBAN_POPULATION_REGISTER"),
        ("短信网关", "TONGBAN_SMS_GATEWAY"),
    ] {
        let data = folder.path().join(variable);
        let account = [
            ("TONGBAN_SMS_ACCOUNT", "an-office"),
            ("TONGBAN_SMS_SECRET", "secret"),
        ];
        let said = |url| refused(&data, None, &[&account[..], &[(variable, url)]].concat());
        let words = said(&clear);
        assert!(
            words.contains(what) && words.contains("不能用明文"),
            "{words}"
        );
        assert!(words.contains("--counterpart-ca"), "{words}");
        let words = said(&encrypted);
        assert!(words.contains("是加密地址"), "{words}");
        assert!(words.contains("--counterpart-ca"), "{words}");
    }
    let data = folder.path().join("database");
    let url = format!("postgres://tongban@{ELSEWHERE}/tongban");
    for (options, told) in [
        ("", "不能用明文"),
        ("?sslmode=disable", "不能用明文"),
        ("?sslmode=require", "要求加密"),
    ] {
        let words = refused(&data, Some(&format!("{url}{options}")), &[]);
        assert!(words.contains(told), "{words}");
        assert!(words.contains("sslrootcert="), "{words}");
    }
}

#[test]
fn a_file_without_an_authority_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("empty.pem");
    std::fs::write(&file, "").unwrap();
    let data = folder.path().join("data");
    let named = [("TONGBAN_COUNTERPART_CA", file.to_str().unwrap())];
    let words = refused(&data, None, &named);
    assert!(
        words.contains("empty.pem") && words.contains("没有启动"),
        "{words}"
    );
}
