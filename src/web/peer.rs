//! Which machine asks. Behind proxies the connection is the proxy's, and the client stands in a header, which is
//! believed only where a trusted proxy has written it.

use crate::state::State;
use actix_web::dev::Payload;
use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use ipnet::IpNet;
use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks of the proxies in front of the service. None: nobody's header is believed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proxies(Arc<[IpNet]>);

impl FromStr for Proxies {
    type Err = String;

    /// `10.0.0.0/8, 192.0.2.7`
    fn from_str(text: &str) -> Result<Self, String> {
        let network = |part: &str| {
            let part = part.trim();
            part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).map_err(|_| part.to_owned())
        };
        Ok(Self(text.split(',').map(network).collect::<Result<_, _>>()?))
    }
}

impl Proxies {
    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// From the connection outwards: the first that is no trusted proxy is the client. What stands left of it anybody
    /// could have written. A proxy writes one of the two headers; where both came, one is the client's own invention and
    /// neither is believed.
    fn client(&self, connected: IpAddr, headers: &HeaderMap) -> IpAddr {
        let forwarded = all(headers, &FORWARDED);
        let x_forwarded = all(headers, &X_FORWARDED_FOR);
        let hops: Vec<Option<IpAddr>> = match (forwarded.as_slice(), x_forwarded.as_slice()) {
            (hops, []) => hops.iter().map(|hop| forwarded_for(hop)).collect(),
            ([], hops) => hops.iter().map(|hop| node(hop)).collect(),
            _ => Vec::new(),
        };
        let mut client = connected.to_canonical();
        for hop in hops.into_iter().rev() {
            match hop {
                Some(hop) if self.trust(client) => client = hop,
                _ => break,
            }
        }
        client
    }
}

/// The entries of a list header, over all its lines.
fn all<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Vec<&'h str> {
    headers.get_all(name).flat_map(|value| value.to_str().unwrap_or("unreadable").split(',')).map(str::trim).collect()
}

/// RFC 7239: `for="[2001:db8::1]:4711";proto=https`
fn forwarded_for(hop: &str) -> Option<IpAddr> {
    let pairs = hop.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    node(value.trim().trim_matches('"'))
}

/// An address, with or without a port. `unknown` and `_hidden` are none.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// The client's address; none where there is no network between (tests, the demo's own loader).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub Option<IpAddr>);

impl Peer {
    /// Who asks, as far as an address tells: a household or an office has 2^64 addresses of IPv6, a network.
    pub fn network(self) -> Option<IpAddr> {
        self.0.map(|address| match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        })
    }

    pub fn of(request: &HttpRequest) -> Self {
        let proxies = request.app_data::<Data<State>>().map(|state| &state.edge.proxies);
        let connected = request.peer_addr().map(|socket| socket.ip());
        Self(connected.map(|connected| match proxies {
            Some(proxies) => proxies.client(connected, request.headers()),
            None => connected.to_canonical(),
        }))
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("-"),
        }
    }
}

impl FromRequest for Peer {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn client(connected: &str, lines: &[(&str, &str)]) -> String {
        let proxies: Proxies = "10.0.0.0/8, 192.0.2.7, 2001:db8:1::/48".parse().unwrap();
        let request = lines.iter().fold(TestRequest::default(), |request, line| request.append_header(*line));
        proxies.client(connected.parse().unwrap(), request.to_http_request().headers()).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let (one, many) = ("x-forwarded-for", "forwarded");
        for (connected, lines, expected) in [
            // Nobody in between.
            ("203.0.113.5", vec![(one, "198.51.100.1")], "203.0.113.5"),
            ("203.0.113.5", vec![(many, "for=198.51.100.1")], "203.0.113.5"),
            ("192.0.2.8", vec![(one, "198.51.100.1")], "192.0.2.8"),
            // A proxy, and two of them.
            ("10.1.2.3", vec![(one, "198.51.100.1")], "198.51.100.1"),
            ("10.1.2.3", vec![(one, "198.51.100.1, 192.0.2.7")], "198.51.100.1"),
            ("10.1.2.3", vec![(one, "198.51.100.1"), (one, "192.0.2.7")], "198.51.100.1"),
            ("::ffff:10.1.2.3", vec![(one, "198.51.100.1:4711")], "198.51.100.1"),
            ("2001:db8:1::1", vec![(one, "[2001:db8:2::1]:80")], "2001:db8:2::1"),
            ("10.1.2.3", vec![(one, "2001:db8:2::1")], "2001:db8:2::1"),
            ("10.1.2.3", vec![(many, "For=\"[2001:db8:2::1]:4711\";proto=https;by=10.1.2.3")], "2001:db8:2::1"),
            ("10.1.2.3", vec![(many, "for=198.51.100.1, for=10.9.9.9;proto=http")], "198.51.100.1"),
            // What the client wrote itself stands left of the first hop that is not ours.
            ("10.1.2.3", vec![(one, "127.0.0.1, 198.51.100.1")], "198.51.100.1"),
            ("10.1.2.3", vec![(one, "10.0.0.1, 198.51.100.1, 192.0.2.7")], "198.51.100.1"),
            ("10.1.2.3", vec![(many, "for=\"127.0.0.1, for=198.51.100.1")], "198.51.100.1"),
            // Both headers: one of them is invented.
            ("10.1.2.3", vec![(one, "198.51.100.1"), (many, "for=127.0.0.1")], "10.1.2.3"),
            // Hidden, unknown, broken: the last that is known.
            ("10.1.2.3", vec![(many, "for=unknown")], "10.1.2.3"),
            ("10.1.2.3", vec![(many, "for=198.51.100.1, for=_hidden")], "10.1.2.3"),
            ("10.1.2.3", vec![(one, "198.51.100.1, x, 10.9.9.9")], "10.9.9.9"),
            ("10.1.2.3", vec![(one, "")], "10.1.2.3"),
            ("10.1.2.3", vec![(one, ", ,")], "10.1.2.3"),
        ] {
            assert_eq!(client(connected, &lines), expected, "{connected} {lines:?}");
        }
    }

    #[test]
    fn networks_are_read_or_named() {
        assert_eq!("10.0.0.0/8,x".parse::<Proxies>(), Err("x".to_owned()));
        assert_eq!("10.0.0.0/33".parse::<Proxies>(), Err("10.0.0.0/33".to_owned()));
        assert!("::1, 127.0.0.1".parse::<Proxies>().unwrap().trust("::1".parse().unwrap()));
    }
}
