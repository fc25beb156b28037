//! One search on many machines, through NATS JetStream.
mod spans;
mod state;
