//! Three servers that are one.

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
        let ports: [u16; 9] = free_ports()?;
        let node = |index: usize| {
            let routes = [6, 7, 8].map(|node| format!("nats-route://127.0.0.1:{}", ports[node])).join(", ");
            // Clients stay with the addresses they were given, so that a test may stand between.
            let cluster = format!(
                "cluster {{ name: testbed, listen: \"127.0.0.1:{}\", no_advertise: true, routes: [{routes}] }}\n",
                ports[6 + index]
            );
            let options = ServerOptions { extra: cluster + &options.extra, ..options.clone() };
            let ports = Ports { client: ports[index], monitor: ports[3 + index] };
            NatsServer::configure(&format!("n{index}"), ports, &options)
        };
        let mut servers = [node(0)?, node(1)?, node(2)?];
        for server in &mut servers {
            server.launch()?;
        }
        for server in &mut servers {
            server.ready().await?;
        }
        Ok(Self { servers })
    }

    /// Where clients connect: the addresses of all three, separated by commas.
    pub fn url(&self) -> String {
        self.servers.each_ref().map(NatsServer::url).join(",")
    }
}
