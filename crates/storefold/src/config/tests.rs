use std::io::Write;

use super::{Access, Given, Role};
use crate::log_address::LogAddress;

fn from_file(text: &str, flags: Given) -> Result<super::Config, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let given = flags.over_file(Some(&file.path().to_owned())).and_then(Given::resolve);
    given.map_err(|error| format!("{error:#}"))
}

#[test]
fn flags_stand_over_the_file_and_the_file_over_the_defaults() {
    let flags = Given { listen: Some("127.0.0.1:9".to_owned()), ..Given::default() };
    let config = from_file("listen = \"127.0.0.1:80\"\ndata = \"/srv\"\nrole = \"write\"", flags).unwrap();
    assert_eq!(config.listen, "127.0.0.1:9");
    assert_eq!(config.log, LogAddress::Embedded("/srv/log".into()));
    assert_eq!((config.role, config.tenant.as_str()), (Role::Write, "demo"));
}

/// What has to be said where other machines reach a server.
const OUTSIDE: &str =
    "listen = \"0.0.0.0:80\"\ntls_certificate = \"c.pem\"\ntls_key = \"c.key\"\nmaster_key_file = \"m\"";

#[test]
fn everybody_may_ask_on_this_machine_and_elsewhere_only_who_is_told_so() {
    let access = |text: &str| from_file(text, Given::default()).unwrap().guarded.access;
    for (text, expected) in [
        ("", Access::Open),
        ("listen = \"[::1]:80\"", Access::Open),
        ("listen = \"localhost:80\"", Access::Open),
        (OUTSIDE, Access::Required),
        (&OUTSIDE.replace("0.0.0.0", "shop.example"), Access::Required),
        (&OUTSIDE.replace("0.0.0.0", "[::]"), Access::Required),
        (&format!("{OUTSIDE}\naccess = \"open\"\ninsecure = [\"open-access\"]"), Access::Open),
        ("access = \"required\"", Access::Required),
    ] {
        assert_eq!(access(text), expected, "{text}");
    }
}

#[test]
fn where_other_machines_reach_it_nothing_is_left_open_unless_told_so() {
    let without = |word: &str| OUTSIDE.lines().filter(|line| !line.starts_with(word)).collect::<Vec<_>>().join("\n");
    let edge = "role = \"edge\"\ncentral = \"https://c\"\nstores = [\"S\"]\n";
    for (text, says, risk) in [
        (without("tls_"), "--tls-certificate FILE and --tls-key FILE", "plain-http"),
        (without("master_"), "--master-key-file FILE", "master-key-beside-data"),
        (format!("{OUTSIDE}\naccess = \"open\""), "leave --access open out", "open-access"),
        (format!("{edge}{OUTSIDE}"), "may ask and send everything", "open-access"),
    ] {
        let refused = from_file(&text, Given::default()).unwrap_err();
        assert!(refused.contains(says) && refused.contains(&format!("--insecure {risk}")), "{text}: {refused}");
        for other in ["plain-http", "open-access", "master-key-beside-data"] {
            let told = from_file(&format!("{text}\ninsecure = [\"{other}\"]"), Given::default());
            assert_eq!(told.is_ok(), other == risk, "{text} with {other}");
        }
    }
    // Who only reads has no key.
    let reads = format!("{}\nrole = \"read\"\nlog = \"nats://h:4222\"", without("master_"));
    from_file(&reads, Given::default()).unwrap();
}

#[test]
fn limits_and_proxies_are_read() {
    let text = "requests_per_second_max = 7\nconnections_per_address_max = 9\ntrusted_proxies = [\"10.0.0.0/8\"]";
    let guarded = from_file(text, Given::default()).unwrap().guarded;
    assert_eq!((guarded.requests_per_second_max, guarded.connections_per_address_max), (Some(7), Some(9)));
    assert_eq!(guarded.proxies, [super::guarded::network("10.0.0.0/8").unwrap()]);
    assert_eq!(super::guarded::network("10.0.0.7").unwrap().to_string(), "10.0.0.7/32");
    assert!(super::guarded::network("proxy").unwrap_err().contains("write 10.0.0.7 or 10.0.0.0/8"));
}

#[test]
fn an_unknown_key_is_refused_by_name() {
    let refused = from_file("lisen = \"0.0.0.0:80\"", Given::default()).unwrap_err();
    assert!(refused.contains("unknown field `lisen`"), "{refused}");
}

#[test]
fn the_inbox_is_on_the_server_of_the_log() {
    let nats = "log = \"nats://h:4222\"\n";
    let inbox = |text: &str| from_file(text, Given::default()).unwrap().inbox;
    assert_eq!(inbox(nats).as_deref(), Some("nats://h:4222"));
    assert_eq!(inbox(&format!("{nats}inbox = \"off\"")), None);
    assert_eq!(inbox(&format!("{nats}role = \"read\"")), None);
    assert_eq!(inbox("inbox = \"nats://i:4222\"").as_deref(), Some("nats://i:4222"));
    assert_eq!(inbox(""), None);
}

#[test]
fn what_cannot_be_done_together_is_refused_with_what_to_do() {
    for (text, says) in [
        ("role = \"edge\"", "name it with --central"),
        ("role = \"edge\"\ncentral = \"http://c\"", "name it with --stores"),
        ("role = \"edge\"\ncentral = \"http://c\"\nstores = [\"S\"]\noffline = \"floor\"", "needs a limit"),
        ("role = \"edge\"\ncentral = \"http://c\"\nstores = [\"S\"]\nfloor_minor = 5", "are for --offline floor"),
        ("role = \"edge\"\nlog = \"embedded:/l\"", "an edge keeps no log"),
        ("central = \"http://c\"", "are for --role edge"),
        ("role = \"read\"", "use --role all, or keep the log on NATS"),
        ("role = \"read\"\nlog = \"nats://h:4222\"\ninbox = \"nats://h:4222\"", "a read node takes nothing in"),
        ("tenant = \"a b\"", "`a b` cannot be a tenant"),
        ("log = \"/srv/log\"", "write embedded:DIR or nats://HOST:PORT"),
        ("nats_replicas = 2", "use 1, 3 or 5 replicas"),
        ("tls_certificate = \"c.pem\"", "name it with --tls-key FILE"),
        ("tls_key = \"c.key\"", "name it with --tls-certificate FILE"),
        ("advertise = \"node-1:8080\"", "write --advertise https://HOST:PORT"),
    ] {
        let refused = from_file(text, Given::default()).unwrap_err();
        assert!(refused.contains(says), "{text}: {refused}");
    }
}
