//! Where a redirect may lead: never from https to http, never from the public Internet into a private network.

use super::failure::{Exit, Failure, Result};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};

/// Scheme, host and port of an http or https URL.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    pub https: bool,
    pub host: String,
    pub port: u16,
}

pub fn target(url: &str) -> Option<Target> {
    let (scheme, rest) = url.split_once("://")?;
    let https = match scheme.to_ascii_lowercase().as_str() {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
    let (host, port) = match address.strip_prefix('[') {
        Some(v6) => v6.split_once(']').map(|(host, port)| (host, port.strip_prefix(':')))?,
        None => address.split_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map_or(Ok(if https { 443 } else { 80 }), str::parse).ok()?;
    (!host.is_empty()).then(|| Target { https, host: host.to_owned(), port })
}

/// The addresses of a host; temporary where no resolver answers, unavailable where one says that there is none.
pub fn resolve(target: &Target) -> Result<Vec<SocketAddr>> {
    match (target.host.as_str(), target.port).to_socket_addrs() {
        Ok(found) => Ok(found.collect()),
        Err(error) => {
            let told = error.to_string();
            let nobody = told.contains("not known") || told.contains("No address");
            let exit = if nobody { Exit::Unavailable } else { Exit::Temporary };
            Err(Failure::new(exit, format!("{}: {told}", target.host)))
        }
    }
}

/// Whether a URL leads into a private network, or to this machine.
pub fn is_private(target: &Target) -> Result<bool> {
    Ok(resolve(target)?.iter().any(|address| private(address.ip())))
}

/// Refuse the redirect `from` → `to` where it leaves encryption.
pub fn check_scheme(from: &Target, to: &Target) -> Result<()> {
    if from.https && !to.https {
        return Err(Failure::new(Exit::Unavailable, format!("a redirect to {} leaves https", to.host)));
    }
    Ok(())
}

/// Refuse a redirect into a private network; else one address of the host, which the request has to use.
pub fn public_address(to: &Target) -> Result<Option<IpAddr>> {
    let addresses = resolve(to)?;
    match addresses.iter().find(|address| private(address.ip())) {
        Some(inside) => Err(Failure::new(
            Exit::Unavailable,
            format!("a redirect leads to {}, which is {}: no public address", to.host, inside.ip()),
        )),
        None => Ok(addresses.first().map(SocketAddr::ip)),
    }
}

fn private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            matches!(a, 0 | 10 | 127 | 224..)
                || (a == 100 && (64..128).contains(&b))
                || (a, b) == (169, 254)
                || (a == 172 && (16..32).contains(&b))
                || (a, b) == (192, 168)
                || (a, b, c) == (192, 0, 0)
                || (a == 198 && (18..20).contains(&b))
        }
        IpAddr::V6(v6) => embedded(v6).map_or((v6.segments()[0] & 0xe000) != 0x2000, private),
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped, NAT64 or 6to4.
fn embedded(v6: Ipv6Addr) -> Option<IpAddr> {
    let s = v6.segments();
    let (high, low) = match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => (high, low),
        [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    Some(IpAddr::from([(high >> 8) as u8, high as u8, (low >> 8) as u8, low as u8]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let found = target("https://user:word@a.example:8443/x?y#z").unwrap();
        assert_eq!(found, Target { https: true, host: "a.example".into(), port: 8443 });
        assert_eq!(target("HTTP://[::1]/x").unwrap(), Target { https: false, host: "::1".into(), port: 80 });
        for wrong in ["ftp://a", "file:///etc/passwd", "https://", "http://a:b/", "nothing"] {
            assert_eq!(target(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn private_addresses_are_known_in_every_dress() {
        let inside = ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"];
        let dressed = ["::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:a00:1::"];
        for text in inside.iter().chain(&dressed) {
            assert!(private(text.parse().unwrap()), "{text}");
        }
        for text in ["93.184.216.34", "172.32.0.1", "2606:2800:220:1::1", "2002:5db8:d822::"] {
            assert!(!private(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn encryption_is_not_left() {
        let (tls, plain) = (target("https://a").unwrap(), target("http://a").unwrap());
        assert!(check_scheme(&tls, &plain).is_err());
        assert!(check_scheme(&plain, &tls).is_ok());
    }
}
