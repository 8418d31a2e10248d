//! Servers come, go and come back.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::net::TcpStream;

use storefold_nats_testbed::{NatsCluster, NatsServer, ServerOptions, TestbedError};

fn is_listening(server: &NatsServer) -> bool {
    TcpStream::connect(server.url().trim_start_matches("nats://")).is_ok()
}

#[tokio::test]
async fn a_server_comes_back_where_it_was_and_ends_when_it_is_dropped() {
    let mut server = NatsServer::start().await.unwrap();
    let (url, store) = (server.url(), server.store());
    assert!(is_listening(&server) && store.is_dir());
    server.kill();
    assert!(!is_listening(&server) && store.is_dir());
    server.restart().await.unwrap();
    assert!(is_listening(&server));
    assert_eq!((server.url(), server.store()), (url, store.clone()));
    drop(server);
    assert!(!store.exists());
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let options = ServerOptions { extra: "no_such_setting: 1\n".to_owned(), ..ServerOptions::default() };
    let error = NatsServer::start_with(&options).await.unwrap_err();
    assert!(matches!(&error, TestbedError::NotReady(log) if log.contains("no_such_setting")), "{error}");
}

#[tokio::test]
async fn a_cluster_is_three_servers() {
    let cluster = NatsCluster::start(&ServerOptions::default()).await.unwrap();
    assert!(cluster.servers.iter().all(is_listening));
    assert_eq!(cluster.url().split(',').count(), 3);
}
