//! The name of the session in hints. The core, which refuses a question, does not know by which
//! name its session was asked for, and writes `NAME`.

use psup_proto::{Failure, Request};

/// The refusal of a request, with the session that it was about in its hint.
pub(crate) fn with_name(failure: Failure, request: &Request) -> Failure {
    let Some(target) = request.policy().session else {
        return failure;
    };
    let hint = failure.hint.map(|hint| {
        let name = target.to_string();
        let words = hint.split(' ').map(|word| match word.strip_prefix("NAME") {
            Some(rest) if !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) => {
                format!("{name}{rest}")
            }
            Some(_) | None => word.to_owned(),
        });
        words.collect::<Vec<_>>().join(" ")
    });
    Failure { hint, ..failure }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use psup_proto::Code;

    #[test]
    fn a_hint_has_the_name_of_the_session_that_was_asked() {
        let hint = |text: &str, request: &Request| {
            let failure = Failure::new(Code::SecretWanted, "no").hint(text);
            with_name(failure, request).hint.unwrap()
        };
        let about = Request::Info("web#3".parse().unwrap());
        let text = "`psup ask NAME --why TEXT` asks; `psup info NAME`: NAMES FILENAME";
        let named = "`psup ask web#3 --why TEXT` asks; `psup info web#3`: NAMES FILENAME";
        assert_eq!(hint(text, &about), named);
        assert_eq!(hint(text, &Request::Status), text);
    }
}
