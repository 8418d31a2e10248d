use std::{io, thread};

use http_body_util::BodyExt;
use storefold_http_kit::written_body;

#[tokio::test(flavor = "multi_thread")]
async fn a_written_body_comes_whole_however_long_it_is() {
    let (writer, body) = written_body();
    let writing = thread::spawn(move || {
        for number in 0..1_000_u32 {
            writer.send(number.to_le_bytes().to_vec().into()).unwrap();
        }
        writer.finish();
    });
    let whole: Vec<u8> = (0..1_000_u32).flat_map(u32::to_le_bytes).collect();
    assert_eq!(body.collect().await.unwrap().to_bytes(), whole);
    writing.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_was_not_written_to_its_end_is_no_whole_one() {
    let (writer, body) = written_body();
    writer.send("a part".into()).unwrap();
    drop(writer);
    let cut = body.collect().await.unwrap_err();
    assert_eq!(cut.to_string(), "the body was not written to its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_hears_that_the_client_has_gone() {
    let (writer, body) = written_body();
    drop(body);
    assert_eq!(writer.send("anything".into()).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}
