//! A scenario at play: who acts, what there is so far, what the last page said. Knows no verb and no sight.

use std::collections::{BTreeMap, BTreeSet};

use tongban_base::Timestamp;
use tongban_packs::Pack;

use crate::form::Form;
use crate::house::{Door, House, OpenTask, Sms};
use crate::notation::{Refused, Step, What};
use crate::page::Page;
use crate::report::Why;
use crate::things::{Case, Thing, filled};
use crate::values::Values;
use crate::visitor::{Sent, Visitor};
use crate::{Fallen, Scenario, Stranger, time};

/// Who has no account, or does not use it.
pub(crate) const ANYBODY: &str = "anybody";

/// Of whoever registers; made of words that have nothing to do with each other.
const NEW_PASSWORD: &str = "shiliu-dukou-4817-maqiao";

/// Each step is a little later than the one before.
const STEP_MILLIS: i64 = 1_000;

pub(crate) struct Play<'p> {
    house: House,
    pub pack: &'p Pack,
    visitors: BTreeMap<String, Visitor>,
    /// Who has registered in this scenario.
    strangers: BTreeSet<String>,
    things: Vec<Thing>,
    /// Which of them it is about.
    at: usize,
    who: String,
    /// Whether the step at hand is to be refused.
    pub to_be_refused: bool,
    /// What was shown last.
    pub page: Page,
    /// The file that was downloaded last.
    pub in_hand: Vec<u8>,
}

impl<'p> Play<'p> {
    pub fn begin(house: House, pack: &'p Pack) -> Self {
        Self {
            house,
            pack,
            visitors: BTreeMap::new(),
            strangers: BTreeSet::new(),
            things: Vec::new(),
            at: 0,
            who: ANYBODY.to_owned(),
            to_be_refused: false,
            page: Page::default(),
            in_hand: Vec::new(),
        }
    }

    pub async fn whole(&mut self, scenario: &Scenario) -> Result<(), Fallen> {
        let fallen = |step: usize, line: usize, why| Fallen { step, line, why };
        for stranger in &scenario.strangers {
            let registered = self.register(stranger).await;
            registered.map_err(|why| fallen(0, 1, why))?;
        }
        for step in &scenario.steps {
            let stepped = self.step(step).await;
            stepped.map_err(|why| fallen(step.number, step.line, why))?;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<(), Why> {
        if let Some(when) = step.when {
            let calendar = &self.pack.calendar;
            let moment = when.from(self.now(), calendar);
            self.wait_until(moment).await?;
        }
        if let Some(who) = &step.who {
            self.who.clone_from(who);
        }
        if let Some(name) = &step.on {
            let at = self.things.iter().position(|thing| thing.name == *name);
            self.at = at.ok_or_else(|| Why::Broken(format!("还没有叫“{name}”的申请")))?;
        }
        match &step.what {
            What::Wait => Ok(()),
            What::See(sight) => sight.look(self).await,
            What::Do(verb, refused) => {
                self.to_be_refused = refused.is_some();
                let page = verb.act(self).await?;
                judge(&page, refused.as_ref())?;
                let later = self.now().plus_millis(STEP_MILLIS);
                self.house.clock.not_before(later);
                self.quiet().await
            }
        }
    }

    pub fn now(&self) -> Timestamp {
        self.house.clock.now()
    }

    /// As if a server had run until then: it looks once a day, and everything that is due is done.
    async fn wait_until(&mut self, moment: Timestamp) -> Result<(), Why> {
        let now = self.now();
        if moment.0 < now.0 {
            let words = format!(
                "时间不能倒流：现在是 {}，要到 {}",
                now.words(),
                moment.words()
            );
            return Err(Why::Broken(words));
        }
        for look in time::looks(now, moment) {
            self.house.clock.not_before(look);
            (self.house.tick)().await.map_err(broken)?;
            self.quiet().await?;
        }
        // Nobody stays logged in over it.
        self.visitors.clear();
        Ok(())
    }

    /// Runs what is due until nothing is.
    async fn quiet(&self) -> Result<(), Why> {
        self.house.jobs.drain().await.map_err(broken)?;
        let status = self.house.jobs.status().await.map_err(broken)?;
        match status.dead {
            0 => Ok(()),
            dead => Err(Why::Broken(format!(
                "有 {dead} 项后台任务多次失败，已经放弃"
            ))),
        }
    }

    /// What a server does of itself once a second: for what is read on pages of the log.
    pub async fn settle(&self) -> Result<(), Why> {
        (self.house.tick)().await.map_err(broken)?;
        self.quiet().await
    }

    /// Where whoever acts finds the own cases.
    pub fn own_cases(&self) -> &'static str {
        match self.door() {
            Door::Citizen => "/me/cases",
            Door::Staff => "/workbench/mine",
        }
    }

    /// The register whose record a procedure is about.
    pub fn about(&self, code: &str) -> Result<String, Why> {
        let file = format!("procedures/{code}.toml");
        let read = self.pack.folder.toml::<toml::Table>(&file).ok();
        let about = read.and_then(|table| Some(table.get("about")?.as_str()?.to_owned()));
        about.ok_or_else(|| Why::Broken(format!("{file} 没有写针对哪个登记簿（about）")))
    }

    /// By which whoever acts came in.
    pub fn door(&self) -> Door {
        let known = self.house.people.get(&self.who).copied();
        known.unwrap_or(Door::Citizen)
    }

    /// Whoever acts goes to an address, or sends something there.
    pub async fn visit(&mut self, path: &str, sent: Option<Sent>) -> Result<Page, Why> {
        if self.who != ANYBODY && !self.visitors.contains_key(&self.who) {
            self.log_in().await?;
        }
        let who = self.who.clone();
        let visitor = self.visitors.entry(who).or_default();
        let page = visitor.visit(&self.house.router, path, sent).await;
        let page = page.map_err(Why::Broken)?;
        if page.status >= 500 {
            return Err(Why::Broken(page.short()));
        }
        self.page = page.clone();
        Ok(page)
    }

    pub async fn get(&mut self, path: &str) -> Result<Page, Why> {
        self.visit(path, None).await
    }

    /// Presses a button of a form.
    pub async fn press(&mut self, form: &Form, button: &str) -> Result<Page, Why> {
        let sent = Sent::form(&form.pressed(button));
        self.visit(&form.action, Some(sent)).await
    }

    /// What was sent by SMS about the case.
    pub async fn sms(&self) -> Result<Vec<Sms>, Why> {
        let case = self.case()?.id.clone();
        (self.house.sent)(case).await.map_err(broken)
    }

    /// What is open in the case, whoever may see it.
    pub async fn open_tasks(&self) -> Result<Vec<OpenTask>, Why> {
        let case = self.case()?.id.clone();
        (self.house.tasks)(case).await.map_err(broken)
    }

    /// An officer whose account was opened sets the first password.
    pub async fn opened(&mut self, login: &str, code: &str) -> Result<Page, Why> {
        let fields = [
            ("login", login),
            ("code", code),
            ("password", NEW_PASSWORD),
            ("password_again", NEW_PASSWORD),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut visitor = Visitor::default();
        let sent = Some(Sent::form(&fields));
        let page = visitor.visit(&self.house.router, "/open-account", sent);
        let page = page.await.map_err(Why::Broken)?;
        if !page.is_refusal() {
            self.house.people.insert(login.to_owned(), Door::Staff);
            self.strangers.insert(login.to_owned());
            self.visitors.insert(login.to_owned(), visitor);
        }
        self.page = page.clone();
        Ok(page)
    }

    async fn log_in(&mut self) -> Result<(), Why> {
        let Some(door) = self.house.people.get(&self.who) else {
            return Err(Why::Broken(format!("没有登录名 {}", self.who)));
        };
        let door = match door {
            Door::Citizen => "citizen",
            Door::Staff => "staff",
        };
        let password = match self.strangers.contains(&self.who) {
            true => NEW_PASSWORD,
            false => &self.house.password,
        };
        let fields = [("as", door), ("login", &self.who), ("password", password)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut visitor = Visitor::default();
        let page = visitor
            .visit(&self.house.router, "/login", Some(Sent::form(&fields)))
            .await;
        let page = page.map_err(Why::Broken)?;
        if page.is_refusal() || page.path.starts_with("/login") {
            return Err(Why::unseen(format!("{} 能够登录", self.who), page.short()));
        }
        self.visitors.insert(self.who.clone(), visitor);
        Ok(())
    }

    /// Registers on the pages, and proves the name.
    async fn register(&mut self, stranger: &Stranger) -> Result<(), Why> {
        let account = [
            ("login", stranger.login.as_str()),
            ("mobile", stranger.mobile.as_str()),
            ("password", NEW_PASSWORD),
            ("password_again", NEW_PASSWORD),
        ];
        let name = [
            ("name", stranger.name.as_str()),
            ("id_number", stranger.id_number.as_str()),
        ];
        self.who = stranger.login.clone();
        self.visitors.insert(self.who.clone(), Visitor::default());
        for (path, fields) in [("/register", &account[..]), ("/me/real-name", &name[..])] {
            let fields = fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let fields: Vec<_> = fields.collect();
            let page = self.visit(path, Some(Sent::form(&fields))).await?;
            if page.is_refusal() {
                return Err(Why::unseen(
                    format!("{} 能够注册并实名", stranger.login),
                    page.short(),
                ));
            }
            // The page of a demonstration shows the SMS.
            if let Some(code) = code_of(&page) {
                let code = [("code".to_owned(), code)];
                self.visit(&page.path, Some(Sent::form(&code))).await?;
            }
        }
        let login = stranger.login.clone();
        self.house.people.insert(login.clone(), Door::Citizen);
        self.strangers.insert(login);
        self.quiet().await
    }

    pub fn thing(&self) -> Option<&Thing> {
        self.things.get(self.at)
    }

    /// The case that it is about.
    pub fn case(&self) -> Result<&Case, Why> {
        let case = self.thing().and_then(|thing| thing.case.as_ref());
        case.ok_or_else(|| Why::Broken("还没有提交过申请，不知道说的是哪个办件".to_owned()))
    }

    /// An application that was begun or taken up again is the one it is about from now on.
    pub fn begun(&mut self, begun: Thing) {
        let known = self
            .things
            .iter()
            .position(|thing| thing.draft == begun.draft);
        self.at = known.unwrap_or(self.things.len());
        if known.is_none() {
            self.things.push(begun);
        }
    }

    pub fn filed(&mut self, case: Case) {
        if let Some(thing) = self.things.get_mut(self.at) {
            thing.case = Some(case);
        }
    }

    /// A text of the scenario with what it names put in.
    pub fn fill(&self, text: &str) -> Result<String, Why> {
        filled(text, self.thing(), self.now().date()).map_err(Why::Broken)
    }

    /// Fills fields in that the page must have.
    pub fn set(&self, form: &mut Form, values: &Values, page: &Page) -> Result<(), Why> {
        for (name, texts) in &self.fill_values(values)?.0 {
            if !form.has(name) {
                return Err(Why::unseen(format!("能填“{name}”"), page.short()));
            }
            let set = form.set(name, texts);
            set.map_err(|words| Why::unseen(words, page.short()))?;
        }
        Ok(())
    }

    /// What people call a definition.
    pub fn title(&self, folder: &str, code: &str) -> Result<String, Why> {
        let file = format!("{folder}/{code}.toml");
        let read = self.pack.folder.toml::<toml::Table>(&file);
        let title = read
            .ok()
            .and_then(|table| Some(table.get("title")?.as_str()?.to_owned()));
        title.ok_or_else(|| Why::unseen(format!("业务包有 {file}"), "没有这个定义"))
    }

    pub fn fill_values(&self, values: &Values) -> Result<Values, Why> {
        let mut filled = Vec::new();
        for (name, texts) in &values.0 {
            let texts: Result<Vec<String>, Why> =
                texts.iter().map(|text| self.fill(text)).collect();
            filled.push((name.clone(), texts?));
        }
        Ok(Values(filled))
    }
}

fn broken(problem: tongban_base::Problem) -> Why {
    Why::Broken(problem.to_string())
}

/// Whether a step went as it should.
fn judge(page: &Page, refused: Option<&Refused>) -> Result<(), Why> {
    let (words, field) = match refused {
        None if page.is_refusal() => return Err(Why::unseen("这一步办得成", page.short())),
        None => return Ok(()),
        Some(Refused::Words(words)) => (words, None),
        Some(Refused::AtField(at)) => (&at.words, Some(&at.field)),
    };
    if !page.is_refusal() {
        let expected = format!("这一步被拒绝，页面上有“{words}”");
        return Err(Why::unseen(expected, page.short()));
    }
    let Some(field) = field else {
        return match page.holds(words) {
            true => Ok(()),
            false => Err(Why::unseen(format!("页面上有“{words}”"), page.short())),
        };
    };
    let said = page.faults_at(field);
    match crate::page::folded(&said).contains(&crate::page::folded(words)) {
        true => Ok(()),
        false => Err(Why::unseen(
            format!("“{field}”旁边写着“{words}”"),
            page.short(),
        )),
    }
}

/// The code by SMS that a page of a demonstration shows.
pub(crate) fn code_of(page: &Page) -> Option<String> {
    let shown = page.all("#shown-sms");
    let text = shown.first().map(|part| part.text.as_str())?;
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    words
        .find(|word| word.len() == CODE_DIGITS)
        .map(str::to_owned)
}

const CODE_DIGITS: usize = 6;
