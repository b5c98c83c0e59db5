//! Where people are led: only to a page that can be opened, never to the target of a form. Knows the route table and
//! no business.

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};

use crate::module::RouteInfo;
use crate::preferences;

/// The page at this address of our own; where only a form leads there, the nearest page above it.
/// An address that a stranger chose gives the front page.
pub(crate) fn page_at(table: &[RouteInfo], address: &str) -> String {
    let address = preferences::local(address);
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let Some(route) = route_of(table, path) else {
        return address.to_owned();
    };
    if opens(table, route) {
        return address.to_owned();
    }
    let segments: Vec<&str> = path.split('/').collect();
    let mut above = route;
    while let Some((shorter, _)) = above.rsplit_once('/') {
        above = shorter;
        if !above.is_empty() && opens(table, above) {
            let kept = above.split('/').count();
            return segments.get(..kept).unwrap_or_default().join("/");
        }
    }
    "/".to_owned()
}

/// The page that somebody who sent this request was on.
pub(crate) fn page_of(table: &[RouteInfo], parts: &Parts) -> String {
    let asked = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    if reads {
        return asked.to_owned();
    }
    if route_of(table, parts.uri.path()).is_some_and(|route| opens(table, route)) {
        return page_at(table, asked);
    }
    match referrer(&parts.headers) {
        Some(from) => page_at(table, &from),
        None => page_at(table, asked),
    }
}

/// Path and query of the page that a form was sent from, if it is one of ours.
fn referrer(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name)?.to_str().ok();
    let (_, rest) = text(header::REFERER)?.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    (Some(host) == text(header::HOST)).then(|| format!("/{path}"))
}

fn opens(table: &[RouteInfo], pattern: &str) -> bool {
    table
        .iter()
        .any(|route| route.method == "GET" && route.path == pattern)
}

/// The pattern that serves a path: where several fit, a word counts more than a parameter, from the left.
fn route_of(table: &[RouteInfo], path: &str) -> Option<&'static str> {
    let fitting = table.iter().filter(|route| fits(route.path, path));
    fitting
        .map(|route| route.path)
        .min_by_key(|pattern| pattern.split('/').map(is_parameter).collect::<Vec<_>>())
}

fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if is_parameter(wanted) || wanted == given => {
                if is_parameter(wanted) && given.is_empty() {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// `{id}`, or `{file}.pdf` as some routes have it.
fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Access;

    fn route(method: &'static str, path: &'static str) -> RouteInfo {
        RouteInfo {
            method,
            path,
            access: Access::Public,
            audit: None,
            operation: None,
            oauth: false,
            takes_files: false,
            budget: None,
        }
    }

    fn table() -> Vec<RouteInfo> {
        vec![
            route("GET", "/items/{code}"),
            route("POST", "/items/{code}/apply"),
            route("GET", "/drafts/{id}"),
            route("GET", "/drafts/{id}/{step}"),
            route("POST", "/drafts/{id}/{step}"),
            route("POST", "/drafts/{id}/discard"),
            route("POST", "/drafts/{id}/files/{material}"),
            route("POST", "/logout"),
        ]
    }

    #[test]
    fn the_target_of_a_form_leads_to_the_page_above_it() {
        for (address, page) in [
            ("/items/a?x=1", "/items/a?x=1"),
            ("/items/a/apply?x=1", "/items/a"),
            ("/drafts/7/materials", "/drafts/7/materials"),
            ("/drafts/7/discard", "/drafts/7"),
            ("/drafts/7/files/photo", "/drafts/7"),
            ("/logout", "/"),
            ("https://a.example/items/a", "/"),
            ("/nowhere", "/nowhere"),
        ] {
            assert_eq!(page_at(&table(), address), page, "{address}");
        }
    }

    #[test]
    fn a_sent_form_leads_back_to_the_page_that_held_it() {
        let of = |path: &str, from: &str| {
            let request = axum::http::Request::post(path)
                .header(header::HOST, "a.example")
                .header(header::REFERER, from)
                .body(());
            page_of(&table(), &request.unwrap_or_default().into_parts().0)
        };
        let discard = "/drafts/7/discard";
        assert_eq!(
            of(discard, "https://a.example/drafts/7/confirm?a=b"),
            "/drafts/7/confirm?a=b"
        );
        assert_eq!(
            of(discard, "https://b.example/drafts/7/confirm"),
            "/drafts/7"
        );
        assert_eq!(of(discard, "https://a.example/logout"), "/");
        assert_eq!(
            of("/drafts/7/materials", "https://a.example/items/a"),
            "/drafts/7/materials"
        );
    }
}
