//! The options that every section has.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::export::PictureOptions;
use crate::lang::Lang;
use crate::pace::Speed;
use crate::view::Format;

/// The options that every section has.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Options of every section")]
pub struct CommonOptions {
    /// Play only this scene (may be given several times)
    #[arg(long, value_name = "NAME", global = true)]
    pub scene: Vec<String>,
    /// The language of the run [default: from the locale]
    #[arg(long, global = true, value_parser = languages())]
    pub lang: Option<Lang>,
    /// Divide the notes' delays by N; 1 is the notes' own pace, inf leaves the delays out
    #[arg(long, value_name = "N", default_value = "10", global = true)]
    pub speed: Speed,
    /// Repeat the random numbers of an earlier run, which printed its seed
    #[arg(long, value_name = "N", global = true)]
    pub seed: Option<u64>,
    /// Text as it happens, one JSON object at the end, or the journal as it happens and the object last
    #[arg(long, default_value = "text", global = true)]
    pub format: Format,
    /// What is drawn after the run.
    #[command(flatten)]
    pub pictures: PictureOptions,
}

/// Takes the code of a language that a run can speak.
#[must_use]
pub fn languages() -> impl TypedValueParser<Value = Lang> {
    PossibleValuesParser::new(Lang::ALL.iter().map(|lang| lang.code())).try_map(|code| code.parse::<Lang>())
}
