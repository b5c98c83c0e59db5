//! A command that failed: one sentence on the error stream and an exit code.

use std::io::Write;
use std::process::ExitCode;

use tongban_base::Problem;

#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    pub fn exit(&self) -> ExitCode {
        let _ = writeln!(std::io::stderr(), "{}", self.0);
        ExitCode::FAILURE
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Problem> for Failure {
    /// Whoever runs a command may read the cause, and has not filled anything in.
    fn from(problem: Problem) -> Self {
        let words = match problem.code() {
            "internal" => "程序出错，没有完成",
            "store.unavailable" => "数据库连接不上，或者没有答复，没有完成",
            "store.in_doubt" => "数据库连接中断，不能确定这一步是否已经保存；请核对后再运行一次",
            "store.full" => "存储空间不足，没有完成",
            "store.replaced" => "数据库文件被移走或替换，没有完成",
            _ => return Self(problem.to_string()),
        };
        Self(format!(
            "{words}（{}：{}）",
            problem.code(),
            problem.cause_chain()
        ))
    }
}

impl From<std::io::Error> for Failure {
    fn from(cause: std::io::Error) -> Self {
        Self(cause.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(cause: serde_json::Error) -> Self {
        Self(cause.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_runs_a_command_is_not_spoken_to_as_a_visitor() {
        let told = Failure::from(Problem::internal("no such file")).to_string();
        assert!(
            told.contains("no such file") && !told.contains("您填写的内容"),
            "{told}"
        );
    }
}
