//! Three NATS servers with the configuration in `deploy/nats`, certificates, and users for devices.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use storefold_nats_testbed::{Certificates, NatsCluster};
use tempfile::TempDir;

use crate::program::storefold;

/// The passwords of services, as `deploy/nats/nats-1.env` names them.
const PASSWORDS: [(&str, &str, &str); 3] = [
    ("NATS_SYSTEM_PASSWORD", "system", "s-of-the-system"),
    ("NATS_STOREFOLD_PASSWORD", "storefold", "s-of-who-writes"),
    ("NATS_READER_PASSWORD", "storefold-reader", "s-of-who-reads"),
];

pub struct Deployed {
    pub cluster: NatsCluster,
    directory: TempDir,
    certificates: Certificates,
    /// Of devices.
    passwords: BTreeMap<String, String>,
}

impl Deployed {
    /// Makes users for devices as an operator does, and starts the servers.
    pub async fn start(devices: &[&str]) -> Self {
        let directory = TempDir::with_prefix("deployed-").unwrap();
        let here = |name: &str| directory.path().join(name);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nats");
        for file in ["cluster.conf", "users.conf"] {
            fs::copy(source.join(file), here(file)).unwrap();
        }
        fs::write(here("devices.txt"), format!("# Those of the test\n{}\n", devices.join("\n"))).unwrap();
        let passwords = make_users(directory.path(), "passwords.csv", &[]);
        for (_, user, password) in PASSWORDS {
            fs::write(here(user), format!("{user}:{password}\n")).unwrap();
        }
        let certificates = Certificates::make(directory.path()).unwrap();
        let mut shared: Vec<(String, String)> =
            PASSWORDS.iter().map(|(variable, _, password)| ((*variable).to_owned(), (*password).to_owned())).collect();
        for (variable, path) in [
            ("NATS_CERTIFICATE", &certificates.certificate),
            ("NATS_KEY", &certificates.key),
            ("NATS_CA", &certificates.authority),
        ] {
            shared.push((variable.to_owned(), path.display().to_string()));
        }
        let cluster = NatsCluster::start_deployed(&here("cluster.conf"), &shared).await.unwrap();
        Self { cluster, directory, certificates, passwords }
    }

    /// Kills all three at once.
    pub fn kill(&mut self) {
        self.cluster.servers.iter_mut().for_each(storefold_nats_testbed::NatsServer::kill);
    }

    /// Starts all three again, on the same ports and files.
    pub async fn restart(&mut self) {
        self.cluster.restart().await.unwrap();
    }

    pub fn url(&self) -> String {
        self.cluster.url()
    }

    /// How `storefold serve` connects.
    pub fn flags(&self) -> Vec<String> {
        let credentials = self.credentials("storefold").display().to_string();
        let authority = self.certificates.authority.display().to_string();
        ["--nats-replicas", "3", "--nats-credentials", &credentials, "--nats-ca", &authority].map(str::to_owned).into()
    }

    /// The file that a service signs in with.
    pub fn credentials(&self, user: &str) -> PathBuf {
        self.directory.path().join(user)
    }

    pub fn authority(&self) -> &Path {
        &self.certificates.authority
    }

    /// Starts mosquitto's client as a device: each line of `lines` is a message of quality of service 1, and it ends when
    /// all are confirmed. It says what comes and goes.
    pub fn over_mqtt(&self, device: &str, password: Option<&str>, topic: &str, lines: &str) -> std::process::Child {
        let port = self.cluster.servers[0].mqtt_port().to_string();
        let mut client = Command::new("mosquitto_pub");
        client.args(["--host", "localhost", "--port", &port, "--cafile"]).arg(&self.certificates.authority);
        let password = password.unwrap_or_else(|| &self.passwords[device]);
        client.args(["--protocol-version", "mqttv311", "--username", device, "--pw", password]);
        // The server takes no id with a dot.
        client.args(["--id", &device.replace('.', "-")]);
        client.args(["--qos", "1", "--topic", topic, "--stdin-line", "--debug"]);
        client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = client.spawn();
        let mut child = started.expect("mosquitto_pub is here; `cargo xtask test` installs it");
        let mut to = child.stdin.take().unwrap();
        let lines = lines.to_owned();
        // A client that is refused does not read it.
        std::thread::spawn(move || drop(to.write_all(lines.as_bytes())));
        child
    }

    /// Publishes with nats-py as a device: each order is a subject, a payload and how; answers what came of each.
    pub fn over_nats(&self, device: &str, orders: &[Value]) -> Vec<Value> {
        let modules = std::env::var_os("DEPLOY_PYTHONPATH").expect("`cargo xtask test` fetches nats-py and says where");
        let mut client = Command::new("python3");
        client.env("PYTHONPATH", modules);
        client.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("end_to_end/in_nats.py"));
        client.args([&self.url(), self.certificates.authority.to_str().unwrap(), device, &self.passwords[device]]);
        let mut child = client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let text: String = orders.iter().flat_map(|order| [order.to_string(), "\n".to_owned()]).collect();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Runs `storefold devices` again, with other devices.
    pub fn make_users_again(&self, devices: &[&str], passwords: &str, renew: &[&str]) -> BTreeMap<String, String> {
        fs::write(self.directory.path().join("devices.txt"), devices.join("\n")).unwrap();
        make_users(self.directory.path(), passwords, renew)
    }
}

fn make_users(directory: &Path, passwords: &str, renew: &[&str]) -> BTreeMap<String, String> {
    let path = |name: &str| directory.join(name).display().to_string();
    let passwords = path(passwords);
    let mut order =
        ["devices", "--list", &path("devices.txt"), "--users", &path("users.conf"), "--passwords", &passwords]
            .map(str::to_owned)
            .to_vec();
    order.extend(renew.iter().flat_map(|name| ["--renew".to_owned(), (*name).to_owned()]));
    storefold(&order).ok();
    let Ok(text) = fs::read_to_string(passwords) else { return BTreeMap::new() };
    let pairs = text.lines().skip(1).map(|line| line.split_once(',').unwrap());
    pairs.map(|(name, password)| (name.to_owned(), password.to_owned())).collect()
}
