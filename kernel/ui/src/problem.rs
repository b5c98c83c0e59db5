//! A problem as the visitor gets it: RFC 9457 JSON, or a page with a way back. Never shows the cause.

use askama::Template;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;
use tongban_base::{FieldError, Kind, Problem};

use crate::Page;
use crate::view::Link;

/// Whether the visitor is a program: it accepts JSON and does not ask for HTML.
pub fn wants_json(headers: &HeaderMap) -> bool {
    let accepts = |what: &str| {
        headers
            .get_all(ACCEPT)
            .iter()
            .any(|value| value.to_str().is_ok_and(|value| value.contains(what)))
    };
    accepts("json") && !accepts("text/html")
}

pub fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.kind().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// `application/problem+json`. `request` is the id that the log carries too.
pub fn to_json(problem: &Problem, request: &str) -> Response {
    let errors: Vec<_> = problem
        .field_errors()
        .iter()
        .map(|field| json!({"pointer": field.pointer, "code": field.code, "detail": field.message}))
        .collect();
    let mut body = json!({
        "type": format!("urn:tongban:problem:{}", problem.code()),
        "title": title(problem.kind()),
        "status": problem.kind().status(),
        "code": problem.code(),
        "detail": problem.message(),
    });
    if !errors.is_empty() {
        body["errors"] = errors.into();
    }
    if !request.is_empty() {
        body["instance"] = format!("urn:uuid:{request}").into();
    }
    let mut response = (status(problem), body.to_string()).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// A page that says what is wrong, what to do, and leads back.
pub fn to_page(problem: &Problem, page: &Page, request: &str) -> Response {
    match html(problem, page, request) {
        Ok(html) => (status(problem), Html(html)).into_response(),
        // The page of the problem has failed: words alone must do.
        Err(_) => (status(problem), problem.message().to_owned()).into_response(),
    }
}

/// The text of that page. `request` is the id that the log carries too.
pub fn html(problem: &Problem, page: &Page, request: &str) -> askama::Result<String> {
    let view = ProblemPage {
        page: page.clone().titled(title(problem.kind())),
        heading: title(problem.kind()),
        icon: icon(problem.kind()),
        message: problem.message(),
        errors: problem.field_errors(),
        request: told(problem.kind(), request),
        ways: ways(problem.kind(), page),
    };
    view.render()
}

/// What is read out on the telephone: the end of the id that the log carries, where the log says more than the page.
fn told(kind: Kind, request: &str) -> &str {
    match kind {
        Kind::Internal | Kind::Unavailable => request.rsplit('-').next().unwrap_or_default(),
        _ => "",
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    page: Page,
    heading: &'static str,
    icon: &'static str,
    message: &'a str,
    errors: &'a [FieldError],
    request: &'a str,
    ways: Vec<Link>,
}

/// What kind of problem it is, in words.
pub fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "填写的内容需要修改",
        Kind::Unauthenticated => "请先登录",
        Kind::Forbidden => "没有权限",
        Kind::NotFound => "没有找到",
        Kind::Conflict => "内容已有变化",
        Kind::Gone => "已经失效",
        Kind::TooLarge => "文件太大",
        Kind::Locked => "已被锁定",
        Kind::TooMany => "操作太频繁",
        Kind::Unavailable => "暂时无法使用",
        Kind::Internal => "系统出了问题",
    }
}

fn icon(kind: Kind) -> &'static str {
    match kind {
        Kind::Unauthenticated | Kind::Forbidden | Kind::Locked => "lock",
        Kind::NotFound | Kind::Gone => "search-off",
        Kind::TooMany | Kind::Unavailable => "clock-pause",
        Kind::Invalid | Kind::Conflict | Kind::TooLarge | Kind::Internal => "alert-circle",
    }
}

fn ways(kind: Kind, page: &Page) -> Vec<Link> {
    let home = match &page.visitor {
        Some(visitor) if visitor.staff => Link::new("返回工作台", "/workbench"),
        _ => Link::new("返回首页", "/"),
    };
    match kind {
        Kind::Unauthenticated => {
            let next: String = url::form_urlencoded::byte_serialize(page.path.as_bytes()).collect();
            vec![Link::new("去登录", format!("/login?next={next}")), home]
        }
        Kind::Conflict | Kind::TooMany | Kind::Unavailable | Kind::Internal
            if !page.path.is_empty() =>
        {
            vec![Link::new("重新打开此页", page.path.clone()), home]
        }
        _ => vec![home],
    }
}
