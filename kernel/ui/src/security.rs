//! The headers that every answer carries. Knows no page; a handler that sets one itself keeps its own.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// No inline script, no inline style, nothing from elsewhere, never inside another page.
pub const CONTENT_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The policy of a page whose form leads on to another site: Chromium holds every redirect that follows a form against
/// `form-action`. `origin` is one that an administrator registered.
pub fn content_policy_with_form_to(origin: &str) -> HeaderValue {
    let widened = format!("form-action 'self' {origin}");
    let policy = CONTENT_POLICY.replace("form-action 'self'", &widened);
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(CONTENT_POLICY))
}

const DEFAULTS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), geolocation=(self), microphone=(), payment=()",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    // Pages show personal data, often on shared computers in halls.
    (CACHE_CONTROL, "no-store"),
];

/// A browser that was here once asks for no unencrypted page again for a year.
const STAY_ENCRYPTED: &str = "max-age=31536000";

pub(crate) fn apply(headers: &mut HeaderMap, is_encrypted: bool) {
    if is_encrypted {
        headers
            .entry(STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static(STAY_ENCRYPTED));
    }
    for (name, value) in DEFAULTS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_origin_is_added_and_only_for_forms() {
        let policy = content_policy_with_form_to("https://app.example");
        let text = policy.to_str().unwrap_or_default();
        assert!(text.contains("form-action 'self' https://app.example; frame-ancestors 'none'"));
        assert_eq!(text.matches("app.example").count(), 1);
        assert_eq!(content_policy_with_form_to("\n"), CONTENT_POLICY);
    }
}
