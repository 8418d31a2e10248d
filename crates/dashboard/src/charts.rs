//! Drawings in SVG: geometry in attributes, colours in classes, so that the style sheet alone knows the theme.
//!
//! A drawing says in words what it shows, and a table beside it has every figure. Nothing in a stretched drawing is text.

pub(crate) mod bars;
pub(crate) mod capture;
pub(crate) mod heat;
pub(crate) mod line;
pub(crate) mod parts;
pub(crate) mod step;
pub(crate) mod target;

use maud::{Markup, PreEscaped, Render};
use svg::node::{
    Node,
    element::{Element, Group, Rectangle, Title},
};

/// Height of stretched drawings in their own units; the style sheet decides about pixels.
pub(crate) const HEIGHT: f64 = 100.0;

/// An `svg` element within a page.
pub(crate) struct Drawing(Element);

impl Drawing {
    /// One that is stretched to the room it gets; `said` is what it shows, in words.
    pub(crate) fn stretched(width: f64, said: &str) -> Self {
        Self::said(said).set("viewBox", format!("0 0 {} {HEIGHT}", rounded(width))).set("preserveAspectRatio", "none")
    }

    /// One whose coordinates are percentages of the room it gets.
    pub(crate) fn said(said: &str) -> Self {
        Self(Element::new("svg")).set("role", "img").set("aria-label", said)
    }

    /// One that shows what stands beside it in words.
    pub(crate) fn beside() -> Self {
        Self(Element::new("svg")).set("aria-hidden", "true")
    }

    /// A stretched one, to lie within another.
    pub(crate) fn within(width: f64) -> Element {
        let mut within = Element::new("svg");
        within.assign("viewBox", format!("0 0 {} {HEIGHT}", rounded(width)));
        within.assign("preserveAspectRatio", "none");
        within.assign("width", "100%");
        within.assign("height", "100%");
        within
    }

    pub(crate) fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.assign(name, value.into());
        self
    }

    pub(crate) fn add(mut self, node: impl Into<Box<dyn Node>>) -> Self {
        self.0.append(node);
        self
    }

    pub(crate) fn with<N: Into<Box<dyn Node>>>(self, nodes: impl IntoIterator<Item = N>) -> Self {
        nodes.into_iter().fold(self, Self::add)
    }
}

impl Render for Drawing {
    /// The library has escaped every text and attribute.
    fn render(&self) -> Markup {
        PreEscaped(self.0.to_string())
    }
}

/// Hundredths of a unit are finer than any screen.
pub(crate) fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

pub(crate) fn rectangle(class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) -> Rectangle {
    Rectangle::new()
        .set("class", class)
        .set("x", rounded(x))
        .set("y", rounded(y))
        .set("width", rounded(width))
        .set("height", rounded(height))
}

/// A horizontal part of a bar in percentages of the room.
pub(crate) fn part(class: &str, from_percent: f64, percent: f64) -> Rectangle {
    Rectangle::new()
        .set("class", class)
        .set("x", format!("{}%", rounded(from_percent)))
        .set("width", format!("{}%", rounded(percent)))
        .set("height", "100%")
}

/// Something with a value that shows when it is pointed at, by the browser as by the script of the pages.
pub(crate) fn valued(value: &str) -> Group {
    Group::new().set("data-value", value).add(Title::new(value))
}
