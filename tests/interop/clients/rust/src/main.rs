//! Tests the Rust client with every case of ../cases.json, with the servers of
//! ../world.py.
//!
//!     portrait-client-cases [PART_OF_A_NAME]

mod bulk_cases;
mod support;
mod unary_cases;
mod watch_cases;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::Value;

use support::{text, World};

async fn run(kind: &str, world: &World, case: &Value) {
    match kind {
        "unary" => unary_cases::unary(world, case).await,
        "unary_newer" => unary_cases::newer(world, case).await,
        "error_newer" => unary_cases::error_newer(world, case).await,
        "unary_retried" => unary_cases::retried(world, case).await,
        "plain_text_token" => unary_cases::plain_text_token(case).await,
        "deadline" => unary_cases::deadline(world, case).await,
        "unary_cancelled" => unary_cases::cancelled(world, case).await,
        "batch" => unary_cases::batch(world, case).await,
        "tls" => unary_cases::tls(world, case).await,
        "revoked" => unary_cases::revoked(world).await,
        "contact_length" => bulk_cases::contact_length(world, case).await,
        "bulk_numbers" => bulk_cases::numbers(world, case).await,
        "bulk_killed" => bulk_cases::killed(world, case).await,
        "bulk_nothing" => bulk_cases::nothing(world).await,
        "bulk_repeated" => bulk_cases::repeated(world, case).await,
        "bulk_countries" => bulk_cases::countries(world, case).await,
        "bulk_slow" => bulk_cases::slow(world, case).await,
        "bulk_window" => bulk_cases::window(world, case).await,
        "bulk_trickle" => bulk_cases::trickle(world, case).await,
        "bulk_batches" => bulk_cases::batches(world, case).await,
        "bulk_breaks" => bulk_cases::breaks(world, case).await,
        "bulk_again" => bulk_cases::again(world, case).await,
        "bulk_refused" => bulk_cases::refused(world, case).await,
        "bulk_gives_up" => bulk_cases::gives_up(world, case).await,
        "bulk_unsendable" => bulk_cases::unsendable(world, case).await,
        "bulk_source_fails" => bulk_cases::source_fails(world, case).await,
        "bulk_cancelled" => bulk_cases::cancelled(world, case).await,
        "bulk_newer" => bulk_cases::newer(world, case).await,
        "watch_killed" => watch_cases::killed(world, case).await,
        "watch_resumes" => watch_cases::resumes(world, case).await,
        "watch_cancelled" => watch_cases::cancelled(world, case).await,
        "watch_newer" => watch_cases::newer(world, case).await,
        _ => panic!("no function for the kind {kind:?}"),
    }
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let cases = support::read_cases();
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for case in cases["cases"].as_array().expect("cases") {
        let name = text(case, "name");
        if !name.contains(&wanted) {
            continue;
        }
        if let Some(why) = case["pending"].as_str() {
            println!("skipped {name}: {why}");
            skipped += 1;
            continue;
        }
        let start = Instant::now();
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async {
                let world = World::read(name).await;
                tokio::time::timeout(2 * support::PATIENCE, run(text(case, "kind"), &world, case))
                    .await
                    .expect("the case took too long");
            });
        }));
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => {
                println!("passed {name} ({seconds:.1} s)");
                passed += 1;
            }
            Err(_) => {
                println!("FAILED {name} ({seconds:.1} s)");
                failed += 1;
            }
        }
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 && passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
