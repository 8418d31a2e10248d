//! The style sheet and the script, under addresses that name their content.
//!
//! A browser keeps them for a year and asks for them again only when they have changed: a new release is seen at once.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// Where they are served.
pub(crate) const ROUTE: &str = "/assets/{name}";

pub(crate) static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::of("style", "css", "text/css; charset=utf-8", include_str!("style.css")));

pub(crate) static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::of("live", "js", "text/javascript; charset=utf-8", include_str!("live.js")));

/// How much of the hash stands in an address, in hexadecimal digits.
const HASH_DIGITS: usize = 16;

/// Something that pages are made with.
pub(crate) struct Asset {
    /// Its address, as `/assets/style.0123456789abcdef.css`.
    pub(crate) path: String,
    name: &'static str,
    extension: &'static str,
    content_type: &'static str,
    text: &'static str,
}

impl Asset {
    fn of(name: &'static str, extension: &'static str, content_type: &'static str, text: &'static str) -> Self {
        let hash = blake3::hash(text.as_bytes()).to_hex();
        let path = format!("/assets/{name}.{}.{extension}", &hash[..HASH_DIGITS]);
        Self { path, name, extension, content_type, text }
    }

    /// Whether an address is its own, of whatever release.
    fn is_at(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.name).and_then(|rest| rest.strip_suffix(self.extension));
        rest.is_some_and(|rest| rest.len() > 1 && rest.starts_with('.') && rest.ends_with('.'))
    }
}

/// One of them. What a page of another release asks for is answered as it is here, and not kept: while servers are being
/// updated, a page of one may ask another.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    let Some(asset) = [&*STYLE, &*SCRIPT].into_iter().find(|asset| asset.is_at(&name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let is_own = asset.path.strip_prefix("/assets/") == Some(&name);
    let kept = if is_own { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, kept),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.text).into_response()
}
