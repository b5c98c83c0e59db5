//! `account.open`, `account.lock`, `account.unlock`, `account.change`.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tongban_base::{Ctx, Problem, Result, Timestamp};
use tongban_identity::{Identity, NewOfficer, OpenedOfficer};
use tongban_messages::{MessageTemplates, Recipient};
use tongban_operations::{CallSite, Effect, Operation, OperationInfo, Records, Subject};
use tongban_store::{Fut, Tx};

use crate::part;

/// The event whose message carries the code.
const OPENED: &str = "account.opened";

/// As definitions see them.
pub const OPERATIONS: &[OperationInfo] = &[OPEN, LOCK, UNLOCK, CHANGE];

const OPEN: OperationInfo = OperationInfo {
    check: check_open,
    ..info(
        "account.open",
        "开通工作人员账号，开通码发到本人手机",
        Effect::Reversible,
    )
};
const LOCK: OperationInfo = info("account.lock", "停用工作人员账号", Effect::Reversible);
const UNLOCK: OperationInfo = info("account.unlock", "恢复工作人员账号", Effect::Reversible);
const CHANGE: OperationInfo = OperationInfo {
    check: check_open,
    ..info(
        "account.change",
        "变更工作人员姓名和手机号；还没有开通的，重发开通码",
        Effect::Kept,
    )
};

const fn info(name: &'static str, title: &'static str, effect: Effect) -> OperationInfo {
    OperationInfo {
        name,
        title,
        effect,
        arguments: &[],
        carries_out: false,
        check,
    }
}

fn check(site: &CallSite) -> Vec<String> {
    match part::is_there(site.parts) {
        true => Vec::new(),
        false => vec!["没有写 [account]，不知道是谁的账号".to_owned()],
    }
}

fn check_open(site: &CallSite) -> Vec<String> {
    let mut faults = check(site);
    let messages = MessageTemplates::read(site.folder, &mut tongban_packs::Findings::default());
    if messages.for_event(OPENED).is_empty() {
        faults.push(format!(
            "没有事件 {OPENED} 的消息（messages/），开通码发不出去"
        ));
    }
    faults
}

#[derive(Clone, Copy)]
enum Verb {
    Open,
    Lock,
    Unlock,
    Change,
}

struct OnAccount {
    verb: Verb,
    identity: Identity,
    records: Arc<dyn Records>,
    templates: MessageTemplates,
}

/// With what carries them out. The templates are those of the packs in force.
pub fn operations(
    identity: &Identity,
    records: &Arc<dyn Records>,
    templates: &MessageTemplates,
) -> Vec<Arc<dyn Operation>> {
    let verbs = [Verb::Open, Verb::Lock, Verb::Unlock, Verb::Change];
    let operation = |verb| -> Arc<dyn Operation> {
        Arc::new(OnAccount {
            verb,
            identity: identity.clone(),
            records: Arc::clone(records),
            templates: templates.clone(),
        })
    };
    verbs.into_iter().map(operation).collect()
}

impl OnAccount {
    async fn officer(&self, tx: &mut Tx, subject: &Subject, now: Timestamp) -> Result<NewOfficer> {
        let record = match &subject.about {
            Some(about) => self.records.one(tx, about).await?,
            None => None,
        };
        let record = record.map(Json::Object).unwrap_or_default();
        Ok(part::officer(subject, &record, &now.date().to_string()))
    }

    async fn switched(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        (login, organisation): (&str, &str),
        active: bool,
    ) -> Result<Json> {
        let of = (login, organisation);
        let switched = self.identity.switch_officer_of(tx, ctx, of, active).await?;
        // What was so before stays so when this is taken back.
        Ok(match switched {
            true => json!({ "login": login, "organisation": organisation }),
            false => json!({}),
        })
    }

    async fn send_code(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        subject: &Subject,
        (officer, opened): (&NewOfficer, &OpenedOfficer),
    ) -> Result<()> {
        let to = Recipient {
            account: opened.account,
            name: officer.name.clone(),
            mobile: Some(officer.mobile.clone()),
        };
        let about = tongban_messages::Subject {
            kind: "case",
            id: subject.id.to_string(),
            link: "/open-account".to_owned(),
        };
        let data = json!({ "account": {
            "name": officer.name, "login": opened.login, "code": opened.code,
            "until": opened.until.date_words(),
        } });
        let sent = tongban_messages::send(tx, ctx, &self.templates, OPENED, &to, &about, &data);
        match sent.await?.is_empty() {
            true => Err(Problem::internal(
                "no message carries the code of a new account",
            )),
            false => Ok(()),
        }
    }
}

impl Operation for OnAccount {
    fn info(&self) -> &'static OperationInfo {
        match self.verb {
            Verb::Open => &OPEN,
            Verb::Lock => &LOCK,
            Verb::Unlock => &UNLOCK,
            Verb::Change => &CHANGE,
        }
    }

    fn obstacles<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: &'a Subject,
        _arguments: &'a Json,
        now: Timestamp,
    ) -> Fut<'a, Vec<String>> {
        Box::pin(async move {
            match self.verb {
                Verb::Open => {
                    let officer = self.officer(tx, subject, now).await?;
                    self.identity.officer_obstacles(tx, &officer).await
                }
                Verb::Lock | Verb::Unlock | Verb::Change => Ok(Vec::new()),
            }
        })
    }

    fn run<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        subject: &'a Subject,
        _arguments: &'a Json,
    ) -> Fut<'a, Json> {
        Box::pin(async move {
            let officer = self.officer(tx, subject, ctx.now).await?;
            let of = (officer.login.as_str(), officer.organisation.as_str());
            match self.verb {
                Verb::Open => {
                    let opened = self.identity.open_officer(tx, ctx, &officer).await?;
                    self.send_code(tx, ctx, subject, (&officer, &opened))
                        .await?;
                    Ok(json!({ "login": opened.login, "organisation": officer.organisation }))
                }
                Verb::Lock => self.switched(tx, ctx, of, false).await,
                Verb::Unlock => self.switched(tx, ctx, of, true).await,
                Verb::Change => {
                    let to = (officer.name.as_str(), officer.mobile.as_str());
                    self.identity.change_officer_of(tx, ctx, of, to).await?;
                    // Whoever never came in gets a code at the number that holds now.
                    let renewed = self.identity.renew_opening(tx, ctx.now, of).await?;
                    if let Some(opened) = renewed {
                        let sent = (&officer, &opened);
                        self.send_code(tx, ctx, subject, sent).await?;
                    }
                    Ok(json!({}))
                }
            }
        })
    }

    fn undo<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        _subject: &'a Subject,
        result: &'a Json,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let text = |name: &str| result[name].as_str().unwrap_or_default();
            let of = (text("login"), text("organisation"));
            if of.0.is_empty() {
                return Ok(());
            }
            match self.verb {
                Verb::Open | Verb::Unlock => self.switched(tx, ctx, of, false).await.map(drop),
                Verb::Lock => self.switched(tx, ctx, of, true).await.map(drop),
                Verb::Change => Ok(()),
            }
        })
    }
}
