//! `until`: conditions in the words of the command line, `text=REGEX`, `prompt`, `idle=2s`.

use psup_link::caller;
use psup_proto::condition::Condition;
use psup_proto::{Code, Failure, limits, units};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

const FORMS: &str =
    "a condition is text=REGEX, gone=REGEX, prompt, input, idle=2s, exit, port=N or file=PATH";

pub(crate) fn parse_all(texts: &[String]) -> Result<Vec<Condition>, Failure> {
    if texts.is_empty() {
        return Err(Failure::new(Code::Usage, "there is nothing to wait for").hint(FORMS));
    }
    if texts.len() > limits::CONDITIONS {
        let most = limits::CONDITIONS;
        return Err(Failure::new(
            Code::Usage,
            format!("`until` takes at most {most} conditions"),
        ));
    }
    texts.iter().map(|text| parse(text)).collect()
}

fn parse(text: &str) -> Result<Condition, Failure> {
    let bad = || Failure::new(Code::Usage, format!("{text:?} is not a condition")).hint(FORMS);
    match text.split_once('=') {
        None => match text {
            "prompt" => Ok(Condition::Prompt),
            "input" => Ok(Condition::Input),
            "exit" => Ok(Condition::Exit),
            _ => Err(bad()),
        },
        Some((_, "")) => Err(bad()),
        Some(("text", pattern)) => Ok(Condition::Text(pattern.to_owned())),
        Some(("gone", pattern)) => Ok(Condition::Gone(pattern.to_owned())),
        Some(("idle", duration)) => units::duration(duration).map(Condition::Idle),
        Some(("port", port)) => match port.parse() {
            Ok(port) if port > 0 => Ok(Condition::Port(port)),
            Ok(_) | Err(_) => Err(bad()),
        },
        Some(("file", path)) => {
            let path = caller::absolute(Path::new(path))?;
            Ok(Condition::File(path.into_os_string().into_vec()))
        }
        Some(_) => Err(bad()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_condition_is_read_as_the_command_line_writes_it() {
        for (text, condition) in [
            ("prompt", Condition::Prompt),
            ("exit", Condition::Exit),
            ("text=a=b", Condition::Text("a=b".into())),
            ("idle=2s", Condition::Idle(Duration::from_secs(2))),
            ("port=80", Condition::Port(80)),
            ("file=/x", Condition::File(b"/x".to_vec())),
        ] {
            assert_eq!(parse(text).unwrap(), condition);
        }
        for text in [
            "", "text", "text=", "idle=2", "port=0", "port=x", "prompt=x", "done",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse_all(&[]).is_err());
    }
}
