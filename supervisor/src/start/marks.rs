//! The variables by which build runners mark what a job starts, so that they find it when the job
//! is over.
//!
//! The supervisor has none of them: it starts with an environment of a few names. Sessions keep
//! their caller's, except for the cookies that serve no other end than to be killed by.

/// Set by a runner only to find and kill what a job left behind. A session gets one only where it
/// is asked for by name.
pub const COOKIES: &[&str] = &[
    "RUNNER_TRACKING_ID",
    "JENKINS_NODE_COOKIE",
    "JENKINS_SERVER_COOKIE",
    "HUDSON_COOKIE",
    "HUDSON_SERVER_COOKIE",
    "VSTS_PROCESS_LOOKUP_ID",
];

const NAMES: &[&str] = &[
    "BUILD_ID",
    "BUILD_NUMBER",
    "BUILD_TAG",
    "BUILD_URL",
    "JOB_ID",
    "JOB_NAME",
    "TF_BUILD",
];
const BEGINNINGS: &[&str] = &[
    "AGENT_",
    "APPVEYOR_",
    "BAMBOO_",
    "BITBUCKET_",
    "BUILDKITE_",
    "CI_BUILD_",
    "CI_JOB_",
    "CI_PIPELINE_",
    "CIRCLE_",
    "CODEBUILD_",
    "DRONE_",
    "GITHUB_ACTION",
    "GITHUB_JOB",
    "GITHUB_RUN_",
    "GITLAB_",
    "HUDSON_",
    "JENKINS_",
    "RUNNER_",
    "SEMAPHORE_",
    "SYSTEM_JOB",
    "TEAMCITY_",
    "TRAVIS_",
    "VSTS_",
    "WOODPECKER_",
];
const ENDS: &[&str] = &[
    "_BUILD_ID",
    "_COOKIE",
    "_JOB_ID",
    "_PIPELINE_ID",
    "_RUN_ID",
    "_TRACKING_ID",
];

/// Whether a runner that is known may look for this variable.
pub fn is_mark(name: &str) -> bool {
    COOKIES.contains(&name)
        || NAMES.contains(&name)
        || BEGINNINGS
            .iter()
            .any(|beginning| name.starts_with(beginning))
        || ENDS.iter().any(|end| name.ends_with(end))
        || name.contains("_RUNNER_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_runners_are_told_from_other_variables() {
        for mark in [
            "RUNNER_TRACKING_ID",
            "BUILD_ID",
            "CI_JOB_ID",
            "CI_RUNNER_ID",
            "GITHUB_RUN_ID",
            "VSTS_PROCESS_LOOKUP_ID",
            "TEAMCITY_VERSION",
            "MY_RUNNER_ID",
            "HUDSON_COOKIE",
        ] {
            assert!(is_mark(mark), "{mark}");
        }
        for other in [
            "HOME",
            "CI",
            "SSH_AGENT_PID",
            "JOBS",
            "GITHUB_TOKEN",
            "COOKIE_JAR",
        ] {
            assert!(!is_mark(other), "{other}");
        }
    }
}
