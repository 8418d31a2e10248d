//! Where requests come from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName},
};
use ipnet::IpNet;

/// What a proxy adds the address to that it was called from, after those that it was told.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Set on a request: where its connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Where a request comes from, as far as is known.
pub fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<Peer>().map(|peer| peer.0)
}

/// Sets where a request comes from, when who hands it over has shown that it may say so.
pub fn come_from(request: &mut Request, from: IpAddr) {
    request.extensions_mut().insert(Peer(from));
}

/// Whom a request counts against: its address, or the network of it.
pub(crate) fn from(request: &Request) -> IpAddr {
    peer(request).map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), network)
}

/// Where a request comes from that a connection brought: the last address that a proxy of ours saw. What stands before it
/// in the header was said by somebody else, and is not believed.
pub(crate) fn behind(proxies: &[IpNet], connected: IpAddr, headers: &HeaderMap) -> IpAddr {
    let connected = connected.to_canonical();
    let is_ours = |address: &IpAddr| proxies.iter().any(|network| network.contains(address));
    if !is_ours(&connected) {
        return connected;
    }
    let told = headers.get_all(FORWARDED_FOR).into_iter().filter_map(|told| told.to_str().ok());
    let hops: Vec<_> = told.flat_map(|told| told.split(',')).collect();
    let mut from = connected;
    for hop in hops.iter().rev() {
        let Some(address) = address_of(hop) else { break };
        from = address;
        if !is_ours(&from) {
            break;
        }
    }
    from
}

/// An address, as proxies write it: some with a port.
fn address_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let address = hop.parse().ok().or_else(|| Some(hop.parse::<std::net::SocketAddr>().ok()?.ip()));
    address.as_ref().map(IpAddr::to_canonical)
}

/// One customer of a network provider has many addresses of IPv6, which count as one.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::net::IpAddr;

    use axum::http::HeaderMap;
    use ipnet::IpNet;

    use super::behind;

    #[test]
    fn what_a_proxy_of_ours_saw_is_believed_and_nothing_else() {
        let proxies: [IpNet; 2] = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        for (connected, told, expected) in [
            ("203.0.113.9", vec!["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", vec!["198.51.100.1:4711"], "198.51.100.1"),
            ("fd00::1", vec!["2001:db8::7"], "2001:db8::7"),
            ("10.0.0.1", vec!["127.0.0.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", vec!["127.0.0.1", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", vec!["127.0.0.1, rubbish"], "10.0.0.1"),
            ("10.0.0.1", vec!["10.0.0.3"], "10.0.0.3"),
        ] {
            let mut headers = HeaderMap::new();
            for line in &told {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            let from = behind(&proxies, connected.parse().unwrap(), &headers);
            assert_eq!(from, expected.parse::<IpAddr>().unwrap(), "{connected} {told:?}");
        }
    }
}
