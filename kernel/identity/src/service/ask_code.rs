//! A citizen asks for a code with the mobile number of the account: to log in, or to set a password that was forgotten.

use std::sync::Arc;

use serde::Deserialize;
use tongban_base::numbers::check_mobile;
use tongban_base::{Ctx, FieldError, Kind, Problem, Result};

use crate::Identity;
use crate::model::CodePurpose;
use crate::service::send_code::{CodeMessages, SentCode, Wish, send_code};

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnMobile {
    pub mobile: String,
}

pub(crate) fn sms_is_off() -> Problem {
    let words = "本站没有开通短信验证码登录，请用密码登录";
    Problem::new(Kind::Gone, "login.sms_off", words)
}

/// The answer is the same for a number that no account has. Errors: no number; too many codes, told beside it; the office
/// has switched logins by SMS off.
pub async fn ask_code(
    identity: &Identity,
    ctx: &Ctx,
    codes: &Arc<CodeMessages>,
    (purpose, wish): (CodePurpose, &OwnMobile),
) -> Result<SentCode> {
    if purpose == CodePurpose::LogIn && !identity.logs_in_by_sms() {
        return Err(sms_is_off());
    }
    let mobile = check_mobile(&wish.mobile)
        .map_err(|words| Problem::fields(vec![FieldError::new("/mobile", "invalid", words)]))?;
    let wish = Wish {
        purpose,
        account: None,
        login: String::new(),
        password: String::new(),
        mobile,
    };
    send_code(identity, ctx, codes, wish).await
}
