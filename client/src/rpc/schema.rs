//! `psup rpc --schema`: JSON Schema of what a client may say, and of what comes back.
//!
//! Parameters are made from the definitions that the command line is parsed by, results from the
//! types that are printed.

use super::{CANCEL, Cancel, Cancelled, Hello, Request, VERSION, method, reply};
use crate::items::{self, Items};
use crate::verbs::VERBS;
use psup_proto::Code;
use psup_proto::hello::BUILD;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

pub(crate) fn schema(root: &mut clap::Command) -> Value {
    let mut generator = items::generator();
    let (mut methods, mut results) = (Map::new(), Map::new());
    for method in method::all(root) {
        let verb = VERBS.iter().find(|verb| verb.name == method.verb());
        let items = verb.map_or(Items::NONE, |verb| verb.items);
        let item = items.schema(&mut generator);
        results.insert(method.name.clone(), result(item, items.many));
        methods.insert(method.name.clone(), method.schema());
    }
    methods.insert(CANCEL.to_owned(), taken::<Cancel>());
    let cancelled = generator.subschema_for::<Cancelled>();
    results.insert(CANCEL.to_owned(), result(cancelled, false));
    let hello = generator.subschema_for::<Hello<'_>>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("psup rpc {VERSION}"),
        "psup": BUILD,
        "hello": hello,
        "request": taken::<Request>(),
        "reply": reply::schema(),
        "methods": methods,
        "results": results,
        "errors": errors(),
        "$defs": generator.take_definitions(true),
    })
}

/// What a client writes.
fn taken<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    let inline = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    inline
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// The items of a method: what each is, and whether several may come.
fn result(item: impl Into<Value>, many: bool) -> Value {
    json!({ "item": item.into(), "many": many })
}

/// Each code that an error may have, with the exit code that it comes with.
fn errors() -> Map<String, Value> {
    let exit = |code: &Code| (code.word().to_owned(), json!(code.exit_code()));
    Code::ALL.iter().map(exit).collect()
}
