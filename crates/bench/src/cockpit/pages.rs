//! Which pages there are: those that are reached from the front page by two links.

use std::{collections::BTreeSet, fmt, net::SocketAddr};

use anyhow::{Result, ensure};

use crate::http::{Connection, get};

/// So many pages are looked at for links, and so many are opened at most.
const READ_MAX: usize = 60;
const PAGES_MAX: usize = 4_000;

/// Pages by how many links they are away.
pub struct Pages {
    /// The front page, and what it links to.
    near: Vec<String>,
    /// What those link to.
    far: Vec<String>,
}

impl Pages {
    /// Looks for them.
    pub async fn found(address: SocketAddr) -> Result<Self> {
        let mut connection = Connection::open(address).await?;
        let front = "/".to_owned();
        let mut near = vec![front.clone()];
        near.extend(linked_from(&mut connection, &front).await?.into_iter().filter(|page| *page != front));
        let known: BTreeSet<String> = near.iter().cloned().collect();
        let mut far = BTreeSet::new();
        for page in near.iter().take(READ_MAX) {
            far.extend(linked_from(&mut connection, page).await?);
        }
        let far: Vec<String> = far.difference(&known).take(PAGES_MAX).cloned().collect();
        ensure!(!far.is_empty(), "the pages of the cockpit link to nothing");
        Ok(Self { near, far })
    }

    /// One of them by chance; near ones as often as far ones.
    pub fn any(&self, chance: u64) -> &str {
        let pages = if chance & 1 == 0 { &self.near } else { &self.far };
        &pages[((chance >> 1) % pages.len() as u64) as usize]
    }
}

impl fmt::Display for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} that the front page links to, {} that those link to", self.near.len(), self.far.len())
    }
}

async fn linked_from(connection: &mut Connection, page: &str) -> Result<BTreeSet<String>> {
    let answer = connection.ask(&get(page)).await?.ok()?;
    Ok(links(&String::from_utf8_lossy(answer.body)))
}

/// Where a page links to within the cockpit: no downloads, no styles, no places on the same page.
fn links(html: &str) -> BTreeSet<String> {
    let targets = html.split("<a ").skip(1).filter_map(|tag| {
        let (attributes, _) = tag.split_once('>')?;
        let (_, target) = attributes.split_once("href=\"")?;
        let (target, _) = target.split_once('"')?;
        let is_page = target.starts_with('/')
            && target != "/docs"
            && !target.starts_with("/v1/")
            && !attributes.contains("download");
        is_page.then(|| target.split('#').next().unwrap_or(target).replace("&amp;", "&"))
    });
    targets.filter(|target| !target.contains("language=")).collect()
}

#[cfg(test)]
mod tests {
    use super::links;

    #[test]
    fn links_are_those_to_other_pages() {
        let html = r##"<a href="/stores/A?window=90&amp;x=1#days">A</a> <link href="/assets/s.css">
            <a class="b" href="/v1/stores?format=csv">CSV</a> <a href="#main">Skip</a> <a href="/ranking.xlsx" download>T</a>
            <a href="/?language=fr">FR</a> <a href="/docs">API</a> <a href="/system" rel="x">System</a>"##;
        assert_eq!(links(html), ["/stores/A?window=90&x=1".to_owned(), "/system".to_owned()].into());
    }
}
