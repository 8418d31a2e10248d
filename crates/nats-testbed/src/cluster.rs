//! Three servers that are one.

use std::path::Path;

use crate::{
    NatsServer, ServerOptions, TestbedError,
    server::{Ports, free_ports},
};

/// A cluster of three servers: any one may fail, and streams with three replicas go on.
#[derive(Debug)]
pub struct NatsCluster {
    /// The servers. Killing or pausing one of them is what a test does with them.
    pub servers: [NatsServer; 3],
}

impl NatsCluster {
    /// Starts three servers and waits until they have elected a leader.
    pub async fn start(options: &ServerOptions) -> Result<Self, TestbedError> {
        let ports: [u16; 12] = free_ports()?;
        let node = |index: usize| {
            let routes = [6, 7, 8].map(|node| format!("nats-route://127.0.0.1:{}", ports[node])).join(", ");
            // Clients stay with the addresses they were given, so that a test may stand between.
            let cluster = format!(
                "cluster {{ name: testbed, listen: \"127.0.0.1:{}\", no_advertise: true, routes: [{routes}] }}\n",
                ports[6 + index]
            );
            let options = ServerOptions { extra: cluster + &options.extra, ..options.clone() };
            let ports = Ports { client: ports[index], monitor: ports[3 + index], mqtt: ports[9 + index] };
            NatsServer::configure(&format!("n{index}"), ports, &options)
        };
        Self::launch([node(0)?, node(1)?, node(2)?]).await
    }

    /// Starts three servers with the configuration of `deploy/nats/cluster.conf`, which takes what differs between them
    /// from the environment. `shared` is what does not: certificates and passwords.
    pub async fn start_deployed(configuration: &Path, shared: &[(String, String)]) -> Result<Self, TestbedError> {
        let ports: [u16; 12] = free_ports()?;
        let node = |index: usize| {
            let own = |store: &Path| {
                let listen = |first: usize| format!("127.0.0.1:{}", ports[first + index]);
                let mut variables = shared.to_vec();
                let mut set = |name: &str, value: String| variables.push((name.to_owned(), value));
                set("NATS_NAME", format!("n{index}"));
                set("NATS_LISTEN", listen(0));
                set("NATS_MONITOR", listen(3));
                set("NATS_CLUSTER_LISTEN", listen(6));
                set("NATS_MQTT_LISTEN", listen(9));
                set("NATS_STORE", store.display().to_string());
                for (number, port) in (1..).zip(&ports[6..9]) {
                    set(&format!("NATS_ROUTE_{number}"), format!("nats-route://127.0.0.1:{port}"));
                }
                variables
            };
            let ports = Ports { client: ports[index], monitor: ports[3 + index], mqtt: ports[9 + index] };
            NatsServer::deployed(configuration, ports, own)
        };
        Self::launch([node(0)?, node(1)?, node(2)?]).await
    }

    /// Kills all three if they run, starts them on the same ports and directories, and waits until they have elected a
    /// leader.
    pub async fn restart(&mut self) -> Result<(), TestbedError> {
        for server in &mut self.servers {
            server.launch()?;
        }
        for server in &mut self.servers {
            server.ready().await?;
        }
        Ok(())
    }

    async fn launch(servers: [NatsServer; 3]) -> Result<Self, TestbedError> {
        let mut cluster = Self { servers };
        cluster.restart().await?;
        Ok(cluster)
    }

    /// Where clients connect: the addresses of all three, separated by commas.
    pub fn url(&self) -> String {
        self.servers.each_ref().map(NatsServer::url).join(",")
    }
}
