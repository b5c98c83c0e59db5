//! A pack that is too large is told before it takes the memory of the machine.

use std::process::Command;

#[test]
fn a_pack_of_fifty_megabytes_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let name = |number: usize| folder.path().join(format!("big-{number}.txt"));
    for number in 0..13 {
        let file = std::fs::File::create(name(number)).unwrap();
        file.set_len(4 * 1024 * 1024 - 1).unwrap();
    }
    let done = Command::new(env!("CARGO_BIN_EXE_tongban"))
        .arg("check")
        .arg(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8(done.stderr).unwrap();
    assert!(!done.status.success(), "{told}");
    assert!(told.contains("业务包超过 48 MB"), "{told}");
}
