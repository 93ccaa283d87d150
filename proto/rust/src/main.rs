//! Generates the Rust client's stubs.
//!
//!     portrait-generate DESCRIPTOR_SET FOLDER

use std::path::Path;

use prost::Message;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, descriptors, folder] = &arguments[..] else {
        return Err("usage: portrait-generate DESCRIPTOR_SET FOLDER".into());
    };
    let set = prost_types::FileDescriptorSet::decode(&*std::fs::read(descriptors)?)?;
    tonic_prost_build::configure()
        .build_server(false)
        .out_dir(Path::new(folder))
        .compile_fds(set)?;
    Ok(())
}
