//! The languages of the pages, and which of them a visitor reads.

use crate::texts::{ENGLISH, FRENCH, GERMAN, ITALIAN, Texts};

/// A language that the pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    French,
    Italian,
    German,
}

impl Language {
    pub(crate) const ALL: [Self; 4] = [Self::English, Self::French, Self::Italian, Self::German];

    /// Its tag (BCP 47).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::Italian => "it",
            Self::German => "de",
        }
    }

    /// Its name for those who read it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
            Self::Italian => "Italiano",
            Self::German => "Deutsch",
        }
    }

    pub(crate) fn texts(self) -> &'static Texts {
        match self {
            Self::English => &ENGLISH,
            Self::French => &FRENCH,
            Self::Italian => &ITALIAN,
            Self::German => &GERMAN,
        }
    }

    /// The language of a tag; `fr-CH` is French.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The one a browser would rather have (RFC 9110, 12.5.4); none when it names none of them.
    pub(crate) fn accepted(header: &str) -> Option<Self> {
        let mut best = None;
        for (tag, quality) in header.split(',').map(weighed) {
            if let Some(language) = Self::of(tag).filter(|_| quality > 0.0)
                && best.is_none_or(|(_, of_best)| quality > of_best)
            {
                best = Some((language, quality));
            }
        }
        best.map(|(language, _)| language)
    }
}

/// `fr;q=0.8` is `fr` at 0.8; without a weight, and with one that cannot be read, it is 1.
fn weighed(range: &str) -> (&str, f64) {
    let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
    let quality = weight.trim().strip_prefix("q=").and_then(|quality| quality.parse().ok());
    (tag.trim(), quality.unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_has_the_language_it_would_rather_have() {
        for (header, language) in [
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Some(Language::French)),
            ("pt-BR,de;q=0.3,it;q=0.4", Some(Language::Italian)),
            ("DE", Some(Language::German)),
            ("en;q=0,pt", None),
            ("pt-BR, *", None),
            ("", None),
            (";;;q=x,,", None),
            ("frisian", None),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }
}
