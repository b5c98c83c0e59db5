//! What a code by SMS is asked for.

use tongban_base::{Problem, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodePurpose {
    /// A new account.
    Register,
    /// Another mobile number of an account.
    Change,
    /// A new password where the old one is forgotten.
    Recover,
    /// A login without the password.
    LogIn,
}

impl CodePurpose {
    pub fn code(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Change => "change",
            Self::Recover => "recover",
            Self::LogIn => "log_in",
        }
    }

    /// What the SMS and the page say it is for.
    pub fn title(self) -> &'static str {
        match self {
            Self::Register => "注册账号",
            Self::Change => "更换手机号",
            Self::Recover => "重新设定密码",
            Self::LogIn => "登录",
        }
    }

    pub(crate) fn read(code: &str) -> Result<Self> {
        let all = [Self::Register, Self::Change, Self::Recover, Self::LogIn];
        let found = all.into_iter().find(|purpose| purpose.code() == code);
        found.ok_or_else(|| Problem::internal(format!("no purpose of a code is called {code}")))
    }
}
