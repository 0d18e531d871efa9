//! `psup rpc --schema` against what `psup` prints: each object fits, and has no key beyond it.

use psup_harness::TestEnv;
use serde_json::Value;

/// A schema with the definitions that it refers to: as much of JSON Schema as `psup` uses.
#[derive(Clone, Copy)]
struct Schema<'a> {
    root: &'a Value,
    here: &'a Value,
}

impl<'a> Schema<'a> {
    fn at(self, here: &'a Value) -> Self {
        Self { here, ..self }
    }

    /// What is wrong with a value, where something is.
    fn objection(self, value: &Value) -> Option<String> {
        let here = match self.here {
            Value::Bool(true) => return None,
            Value::Object(here) => here,
            _ => return Some(format!("nothing may be there, not {value}")),
        };
        if let Some(place) = here.get("$ref") {
            let place = place.as_str().unwrap().trim_start_matches('#');
            return self.at(self.root.pointer(place).unwrap()).objection(value);
        }
        for several in ["anyOf", "oneOf"] {
            if let Some(all) = here.get(several) {
                let all = all.as_array().unwrap().iter();
                let objections: Option<Vec<_>> =
                    all.map(|one| self.at(one).objection(value)).collect();
                return objections.map(|objections| objections.join("; "));
            }
        }
        let is_allowed = |word: &Value| word.as_array().is_none_or(|all| all.contains(value));
        if !here.get("enum").is_none_or(is_allowed) || here.get("const").is_some_and(|c| c != value)
        {
            return Some(format!("{value} is none of its words"));
        }
        self.objection_to_type(value)
            .or_else(|| self.objection_to_keys(value))
            .or_else(|| {
                let items = here.get("items")?;
                let mut values = value.as_array()?.iter();
                values.find_map(|value| self.at(items).objection(value))
            })
    }

    fn objection_to_type(self, value: &Value) -> Option<String> {
        let wanted = self.here.get("type")?;
        let is = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let fits = wanted == is
            || wanted
                .as_array()
                .is_some_and(|all| all.contains(&is.into()));
        (!fits).then(|| format!("{value} is not {wanted}"))
    }

    fn objection_to_keys(self, value: &Value) -> Option<String> {
        let object = value.as_object()?;
        let required = self.here["required"].as_array().into_iter().flatten();
        for name in required {
            if !object.contains_key(name.as_str().unwrap()) {
                return Some(format!("{value} has no {name}"));
            }
        }
        object.iter().find_map(|(name, value)| {
            let told = self.here["properties"].get(name);
            match told.or_else(|| self.here.get("additionalProperties")) {
                Some(told) => self
                    .at(told)
                    .objection(value)
                    .map(|why| format!("{name}: {why}")),
                None => Some(format!("the schema does not tell {name}: {value}")),
            }
        })
    }
}

#[test]
fn what_is_printed_is_what_the_schema_tells() {
    let env = TestEnv::new();
    let all = env.json("rpc --schema");
    let check = |line: &str| {
        let told = env.run(env.psup(&format!("--json {line}")));
        let mut words = line.split(' ');
        let verb = words.next().unwrap();
        let method = match &all["results"][verb] {
            Value::Null => format!("{verb}.{}", words.next().unwrap()),
            _ => verb.to_owned(),
        };
        let result = &all["results"][&method];
        let schema = Schema {
            root: &all,
            here: &result["item"],
        };
        let items = told.jsons();
        assert!(items.len() < 2 || result["many"] == true, "{line}: {told}");
        for item in &items {
            assert_eq!(schema.objection(item), None, "{line}: {item}");
        }
        for error in told
            .err
            .lines()
            .filter(|line| line.starts_with(r#"{"error""#))
        {
            let error: Value = serde_json::from_str(error).unwrap();
            let schema = schema.at(&all["reply"]["properties"]["error"]);
            assert_eq!(schema.objection(&error["error"]), None, "{line}: {error}");
            let exit = &all["errors"][error["error"]["code"].as_str().unwrap()];
            assert_eq!(exit.as_i64(), told.code.map(i64::from), "{line}: {error}");
        }
        items.len()
    };
    let printed = [
        "spawn a -- sh",
        "ensure b --label k=v --restart on-failure --ready text=hi -- sh -c 'echo hi; exec cat'",
        "hook add b exit -- true",
        "hook list",
        "has a",
        "wait a --prompt --timeout 60s",
        "send a 'seq 50' --enter",
        "wait a --text '^5(.)$' --timeout 60s",
        "exec a --timeout 60s -- printf '\\033[1;31mred\\033[m\\n'",
        "exec a --pieces -- seq 3",
        "capture a",
        "capture a --changed-since 0",
        "read a --text",
        "read a --since 5",
        "read a --budget 40",
        "list",
        "info a",
        "status",
        "logs",
        "doctor",
        "restart b",
        "stop b",
        "events --no-follow",
        "list --all",
        "forget --all",
        "shutdown --force",
    ];
    let silent: Vec<_> = printed.iter().filter(|line| check(line) == 0).collect();
    assert!(silent.is_empty(), "{silent:?}");
    check("has nobody");
    check("wait nobody --exit");
    check("resize a 90");
}

#[test]
fn every_method_has_a_result_in_the_schema() {
    let env = TestEnv::new();
    let all = env.json("rpc --schema");
    let names =
        |of: &str| -> Vec<String> { all[of].as_object().unwrap().keys().cloned().collect() };
    assert_eq!(names("methods"), names("results"));
    let says_nothing = |name: &String| all["results"][name]["item"] == false;
    let silent: Vec<_> = names("methods").into_iter().filter(says_nothing).collect();
    // The exit code tells all there is.
    assert_eq!(silent, ["rename", "resize", "signal"]);
    let mut open = vec![&all];
    while let Some(value) = open.pop() {
        if let Some(place) = value.get("$ref") {
            let place = place.as_str().unwrap().trim_start_matches('#');
            assert!(all.pointer(place).is_some(), "{place} is not there");
        }
        open.extend(
            value
                .as_object()
                .into_iter()
                .flat_map(|object| object.values()),
        );
        open.extend(value.as_array().into_iter().flatten());
    }
}
