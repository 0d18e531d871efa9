//! The methods of `psup rpc`: the verbs, as the command line describes them.
//!
//! A method is a verb, or an action of a verb (`hook.add`). Its parameters are the verb's flags and
//! arguments, by their long names with `_` for `-`.

use clap::{Arg, ArgAction, Command};
use psup_proto::{Code, Failure};
use serde_json::{Map, Value, json};
use std::ffi::OsString;

/// Verbs that need a terminal, or stdin and stdout for themselves, or are about this program.
const NOT_METHODS: [&str; 12] = [
    "attach",
    "top",
    "tmux",
    "mcp",
    "rpc",
    "stdio",
    "supervise",
    "completions",
    "man",
    "help",
    "gate",
    "replay",
];

/// Flags of every verb that psup sets itself.
const OURS: [&str; 8] = [
    "profile", "dir", "via", "json", "quiet", "verbose", "help", "version",
];

pub(super) struct Method {
    pub name: String,
    command: Command,
    words: Vec<String>,
}

/// All of them, in the order of `psup --help`.
pub(super) fn all(root: &mut Command) -> Vec<Method> {
    root.build();
    let verbs = root.get_subcommands();
    let verbs = verbs.filter(|verb| !NOT_METHODS.contains(&verb.get_name()));
    verbs.flat_map(methods_of).collect()
}

fn methods_of(verb: &Command) -> Vec<Method> {
    let name = verb.get_name().to_owned();
    let actions: Vec<Method> = verb
        .get_subcommands()
        .filter(|action| action.get_name() != "help")
        .map(|action| Method {
            name: format!("{name}.{}", action.get_name()),
            command: action.clone(),
            words: vec![name.clone(), action.get_name().to_owned()],
        })
        .collect();
    if !actions.is_empty() {
        return actions;
    }
    let (words, command) = (vec![name.clone()], verb.clone());
    vec![Method {
        name,
        command,
        words,
    }]
}

impl Method {
    /// The verb that it is, or is an action of.
    pub(super) fn verb(&self) -> &str {
        &self.words[0]
    }

    /// The words of the command line that these parameters make. Parameters that the method does
    /// not have are passed over: a later psup may have them.
    pub(super) fn words(&self, parameters: &Map<String, Value>) -> Result<Vec<OsString>, Failure> {
        let mut words: Vec<OsString> = self.words.iter().map(Into::into).collect();
        let (mut first, mut last) = (Vec::new(), Vec::new());
        let mut arguments: Vec<&Arg> = self.parameters().collect();
        arguments.sort_by_key(|argument| place_of(argument));
        for argument in arguments {
            let name = name_of(argument);
            let Some(value) = parameters.get(&name).filter(|value| !value.is_null()) else {
                continue;
            };
            let values = texts(&name, value)?;
            if !argument.is_positional() {
                flag(argument, &name, value, &values, &mut words)?;
            } else if argument.is_last_set() {
                last.extend(values);
            } else {
                first.extend(values);
            }
        }
        // Before the flags: `send` types its parts in the order in which they stand.
        if let Some(text) = first.iter().find(|text| text.starts_with('-')) {
            let what = format!("{text:?} cannot stand there: it begins with -");
            return Err(Failure::new(Code::Usage, what)
                .hint("`send` takes any text as `stdin`, with `file` set to \"-\""));
        }
        let first = first.into_iter().map(OsString::from);
        words.splice(self.words.len()..self.words.len(), first);
        if !last.is_empty() {
            words.push("--".into());
            words.extend(last.into_iter().map(OsString::from));
        }
        Ok(words)
    }

    /// JSON Schema of the parameters.
    pub(super) fn schema(&self) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for argument in self.parameters() {
            properties.insert(name_of(argument), schema_of(argument));
            if argument.is_required_set() {
                required.push(name_of(argument));
            }
        }
        let about = self.command.get_about().map(ToString::to_string);
        json!({
            "description": about,
            "type": "object",
            "properties": properties,
            "required": required,
        })
    }

    fn parameters(&self) -> impl Iterator<Item = &Arg> {
        let all = self.command.get_arguments();
        all.filter(|argument| !OURS.contains(&argument.get_id().as_str()))
    }
}

/// A parameter is called as the flag is, or as the help calls the argument.
fn name_of(argument: &Arg) -> String {
    let long = argument.get_long().map(str::to_owned);
    long.unwrap_or_else(|| argument.get_id().as_str().to_owned())
        .replace('-', "_")
}

/// `send` types its parts in the order in which they stand on the command line, and an object has
/// no order: what is typed comes before keys, and keys before Enter.
fn place_of(argument: &Arg) -> u8 {
    match argument.get_id().as_str() {
        "key" => 1,
        "enter" => 2,
        _ => 0,
    }
}

fn takes_value(argument: &Arg) -> bool {
    argument.get_action().takes_values()
        && argument
            .get_num_args()
            .is_none_or(|count| count.max_values() > 0)
}

fn takes_many(argument: &Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Append)
        || argument
            .get_num_args()
            .is_some_and(|count| count.max_values() > 1)
}

fn flag(
    argument: &Arg,
    name: &str,
    value: &Value,
    values: &[String],
    words: &mut Vec<OsString>,
) -> Result<(), Failure> {
    if !takes_value(argument) {
        let is_set = match value {
            Value::Bool(is_set) => *is_set,
            // Text for the verb's stdin asks for it to be read.
            Value::String(_) if name == "stdin" => true,
            _ => {
                let what = format!("`{name}` is true or false");
                return Err(Failure::new(Code::Usage, what));
            }
        };
        if is_set {
            words.push(spelled(argument, None).into());
        }
        return Ok(());
    }
    for value in values {
        words.push(spelled(argument, Some(value)).into());
    }
    Ok(())
}

/// In one word, so that no value can be taken for a flag.
fn spelled(argument: &Arg, value: Option<&str>) -> String {
    match (argument.get_long(), argument.get_short(), value) {
        (Some(long), _, Some(value)) => format!("--{long}={value}"),
        (Some(long), _, None) => format!("--{long}"),
        (None, Some(short), value) => format!("-{short}{}", value.unwrap_or_default()),
        (None, None, value) => value.unwrap_or_default().to_owned(),
    }
}

/// Values as the command line takes them: a list is one after the other, an object is `KEY=VALUE`s.
fn texts(name: &str, value: &Value) -> Result<Vec<String>, Failure> {
    let wrong = || {
        let what = format!("`{name}` is text, a number, true or false, or a list of them");
        Failure::new(Code::Usage, what)
    };
    let one = |value: &Value| match value {
        Value::String(text) if text.contains('\0') => Err(wrong()),
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(wrong()),
    };
    match value {
        Value::Array(values) => values.iter().map(one).collect(),
        Value::Object(pairs) => pairs
            .iter()
            .map(|(key, value)| Ok(format!("{key}={}", one(value)?)))
            .collect(),
        other => Ok(vec![one(other)?]),
    }
}

fn schema_of(argument: &Arg) -> Value {
    let help = argument.get_help().map(ToString::to_string);
    if !takes_value(argument) {
        return json!({ "type": "boolean", "description": help });
    }
    let words: Vec<String> = argument
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    let one = if words.is_empty() {
        json!({ "type": ["string", "number"] })
    } else {
        json!({ "enum": words })
    };
    if takes_many(argument) {
        return json!({
            "description": help,
            "anyOf": [one, { "type": "array", "items": one }, { "type": "object" }],
        });
    }
    let mut schema = one;
    schema["description"] = json!(help);
    schema
}
