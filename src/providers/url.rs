//! A model server's base address: checked once, then only joined.

use std::net::{Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// A base address that requests may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    url: Url,
    text: String,
}

/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// It does not start with http:// or https://.
    #[error("the base URL does not start with https:// (or http://): {0}")]
    NoScheme(String),
    /// It is no URL.
    #[error("the base URL can't be read ({1}): {0}")]
    Unreadable(String, String),
    /// It carries a name or password, which would get into files.
    #[error("the base URL carries a user name or a key")]
    HasKey,
    /// It is unencrypted and leads out of the private network.
    #[error("the base URL is unencrypted and the host is not on a private network: {0}")]
    Unencrypted(String),
}

impl BadUrl {
    /// How to mend it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoScheme(_) => {
                "write it in full, such as https://api.example.com/v1 or http://localhost:11434/v1"
            }
            Self::Unreadable(..) => "write it as https://HOST[:PORT]/v1",
            Self::HasKey => "leave the key out; put it into an environment variable and name that",
            Self::Unencrypted(_) => {
                "use https://; http:// would show the key and every prompt to the network between"
            }
        }
    }
}

impl BaseUrl {
    /// Reads an address; the path of an endpoint at its end is taken off, because people paste it.
    ///
    /// # Errors
    ///
    /// Why the address is refused; see [`BadUrl::hint`].
    pub fn parse(text: &str) -> Result<Self, BadUrl> {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        if !(lower.starts_with("https://") || lower.starts_with("http://")) {
            return Err(BadUrl::NoScheme(without_userinfo(text)));
        }
        let mut url = Url::parse(text)
            .map_err(|error| BadUrl::Unreadable(without_userinfo(text), error.to_string()))?;
        let has_key = |name: &str| {
            let name = name.to_ascii_lowercase();
            name.contains("key") || name.contains("token")
        };
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query_pairs().any(|(name, _)| has_key(&name))
        {
            return Err(BadUrl::HasKey);
        }
        url.set_fragment(None);
        let mut path = url.path().trim_end_matches('/');
        for endpoint in ["/chat/completions", "/messages", "/models"] {
            path = path.strip_suffix(endpoint).unwrap_or(path);
        }
        let path = path.to_owned();
        url.set_path(&path);
        if url.scheme() == "http" && !is_private(&url) {
            return Err(BadUrl::Unencrypted(url.host_str().unwrap_or("").to_owned()));
        }
        let mut text = url.to_string();
        if url.path() == "/" && url.query().is_none() {
            text.pop();
        }
        Ok(Self { url, text })
    }

    /// The address as it is written into identities and messages; without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host's name or number.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or("")
    }

    /// The path, without a slash at its end.
    pub fn path(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// Whether it leads to this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.host())
    }

    /// Whether it leads to this machine or into a private network.
    pub fn is_private(&self) -> bool {
        is_private(&self.url)
    }

    /// The address of an endpoint below it; a query, such as Azure's version, stays at the end.
    pub fn join(&self, path: &str) -> String {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.path()));
        url.to_string()
    }
}

/// A text without what stands before an `@`, in case it is a key.
fn without_userinfo(text: &str) -> String {
    let tail = text.rsplit('@').next().unwrap_or(text);
    super::wire::one_line(tail, 100)
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether a host can only be one of this machine or of a private network.
fn is_private(url: &Url) -> bool {
    let host = url.host_str().unwrap_or("");
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = bare.parse::<Ipv4Addr>() {
        let [a, b, ..] = ip.octets();
        // 100.64.0.0/10 is shared address space (RFC 6598), which private overlays use.
        let shared = a == 100 && (64..128).contains(&b);
        return ip.is_loopback() || ip.is_private() || ip.is_link_local() || shared;
    }
    if let Ok(ip) = bare.parse::<Ipv6Addr>() {
        return ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local();
    }
    // A name without a dot resolves on the local network only; the others are reserved for it.
    is_loopback(host)
        || !host.contains('.')
        || [".local", ".internal", ".lan", ".home.arpa"].iter().any(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_addresses_as_people_write_them() {
        for (text, expected, endpoint) in [
            ("https://api.openai.com/v1", "https://api.openai.com/v1", "/v1/chat/completions"),
            ("https://API.example.com/v1/ ", "https://api.example.com/v1", "/v1/chat/completions"),
            ("https://host/v1/chat/completions", "https://host/v1", "/v1/chat/completions"),
            ("https://host", "https://host", "/chat/completions"),
            ("http://localhost:11434/v1", "http://localhost:11434/v1", "/v1/chat/completions"),
            ("http://[::1]:8000/v1", "http://[::1]:8000/v1", "/v1/chat/completions"),
            ("http://192.168.1.7:8000/v1", "http://192.168.1.7:8000/v1", "/v1/chat/completions"),
            ("http://gpu-box/v1", "http://gpu-box/v1", "/v1/chat/completions"),
            (
                "https://x.openai.azure.com/openai/deployments/d?api-version=2024-06-01",
                "https://x.openai.azure.com/openai/deployments/d?api-version=2024-06-01",
                "/openai/deployments/d/chat/completions?api-version=2024-06-01",
            ),
        ] {
            let base = BaseUrl::parse(text).unwrap();
            assert_eq!(base.as_str(), expected);
            assert!(base.join("/chat/completions").ends_with(endpoint), "{text}");
        }
        assert!(BaseUrl::parse("http://127.0.0.1:1/v1").unwrap().is_loopback());
        assert!(!BaseUrl::parse("http://10.0.0.1:1/v1").unwrap().is_loopback());
    }

    #[test]
    fn refuses_what_would_leak_or_fail() {
        for (text, expected) in [
            ("localhost:8000/v1", BadUrl::NoScheme("localhost:8000/v1".into())),
            ("ftp://host/v1", BadUrl::NoScheme("ftp://host/v1".into())),
            ("me:secret@host", BadUrl::NoScheme("host".into())),
            ("https://me:secret@host/v1", BadUrl::HasKey),
            ("https://host/v1?key=secret", BadUrl::HasKey),
            ("http://api.openai.com/v1", BadUrl::Unencrypted("api.openai.com".into())),
            ("http://8.8.8.8/v1", BadUrl::Unencrypted("8.8.8.8".into())),
            ("http://172.32.0.1/v1", BadUrl::Unencrypted("172.32.0.1".into())),
            ("http://localhost.evil.com/v1", BadUrl::Unencrypted("localhost.evil.com".into())),
        ] {
            let error = BaseUrl::parse(text).unwrap_err();
            assert!(!error.to_string().contains("secret") && !error.hint().is_empty());
            assert_eq!(error, expected);
        }
        assert!(matches!(BaseUrl::parse("https://"), Err(BadUrl::Unreadable(..))));
    }
}
