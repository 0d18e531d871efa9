//! What a verb prints with `--json`, as types: `psup rpc --schema` is made of them.
//!
//! The types are those that are printed, so the schema has a key exactly where they have a field.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The objects of a verb, or of all actions of one.
#[derive(Clone, Copy)]
pub(crate) struct Items {
    /// More than one may come of one target.
    pub many: bool,
    schemas: fn(&mut SchemaGenerator) -> Vec<Schema>,
}

/// Types one of which each object is of.
pub(crate) trait ItemTypes {
    fn schemas(generator: &mut SchemaGenerator) -> Vec<Schema>;
}

impl Items {
    /// The exit code says it all.
    pub(crate) const NONE: Self = Self {
        many: false,
        schemas: |_| Vec::new(),
    };

    /// At most one object.
    pub(crate) const fn one<T: ItemTypes>() -> Self {
        Self {
            many: false,
            schemas: T::schemas,
        }
    }

    /// Any number of objects.
    pub(crate) const fn many<T: ItemTypes>() -> Self {
        Self {
            many: true,
            schemas: T::schemas,
        }
    }

    /// The schema of one object: `false`, which nothing fits, where none is printed.
    pub(crate) fn schema(self, generator: &mut SchemaGenerator) -> Schema {
        let mut schemas = (self.schemas)(generator);
        match schemas.len() {
            0 => false.into(),
            1 => schemas.remove(0),
            _ => schemars::json_schema!({ "anyOf": schemas }),
        }
    }
}

/// A generator for what is written, in the draft that `psup rpc --schema` names.
pub(crate) fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(left_out_instead_of_null)
        .into_generator()
}

/// A key that may be absent is absent where there is nothing to tell; the others are `null` then.
fn left_out_instead_of_null(schema: &mut Schema) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |name: &str| {
        let names = required.as_array();
        names.is_some_and(|names| names.iter().any(|one| one == name))
    };
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        if is_required(name) {
            continue;
        }
        if let Some(types) = property["type"].as_array() {
            property["type"] = types[0].clone();
        } else if let Some(types) = property["anyOf"].as_array() {
            *property = types[0].clone();
        }
    }
}

macro_rules! item_types {
    ($($name:ident)+) => {
        impl<$($name: JsonSchema),+> ItemTypes for ($($name,)+) {
            fn schemas(generator: &mut SchemaGenerator) -> Vec<Schema> {
                vec![$(generator.subschema_for::<$name>()),+]
            }
        }
    };
}

item_types!(A);
item_types!(A B);
item_types!(A B C);
