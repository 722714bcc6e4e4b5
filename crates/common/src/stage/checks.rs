//! What a scene claims before its act, and how each claim is held against what was observed.

use journal::Kind;
use killproof::observe::Location;
use killproof::procfs;
use serde_json::json;

use super::{Stage, told};
use crate::actor::object;
use crate::claims::{Claims, nothing_is_left};
use crate::error::Error;
use crate::report::{Check, Expect, Is, Observed};
use crate::words::Text;

#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) text: Text,
    pub(super) expect: Expect,
    pub(super) check: Option<Check>,
}

/// A claim that was made and must be held against an observation: [`Stage::check`].
#[derive(Debug)]
#[must_use = "a claim that is never checked has failed"]
pub struct Claim(usize);

impl Stage {
    /// Claims something about this scene before the act.
    ///
    /// # Errors
    ///
    /// The claim cannot be written.
    ///
    /// # Panics
    ///
    /// Outside a scene.
    #[track_caller]
    pub fn claim(&mut self, text: impl Into<Text>, expect: Expect) -> Result<Claim, Error> {
        self.claim_at(text.into(), expect, std::panic::Location::caller())
    }

    fn claim_at(&mut self, text: Text, expect: Expect, at: Location) -> Result<Claim, Error> {
        let number = self.open().claims.len() + 1;
        let mut data = object(json!({ "number": number }));
        told::insert(&mut data, "expected", &expect.shown(), self.lang());
        self.tell_at(Kind::Claim, Some(&text), data, at)?;
        let claims = &mut self.open().claims;
        claims.push(Claimed { text, expect, check: None });
        Ok(Claim(claims.len() - 1))
    }

    /// Holds a claim against what was observed. True if it held.
    ///
    /// # Errors
    ///
    /// The check cannot be written.
    ///
    /// # Panics
    ///
    /// Outside the scene in which the claim was made.
    #[track_caller]
    pub fn check(&mut self, claim: Claim, observed: impl Into<Observed>) -> Result<bool, Error> {
        let held = self.check_at(claim, &observed.into(), None, std::panic::Location::caller())?;
        Ok(held == Some(true))
    }

    /// Holds a claim against an observation that proves nothing, because of `doubt`: its check has no verdict. It has
    /// not held then, and has not failed: it does not change the exit code.
    ///
    /// # Errors
    ///
    /// As [`Stage::check`].
    ///
    /// # Panics
    ///
    /// As [`Stage::check`].
    #[track_caller]
    pub fn leave_open(
        &mut self,
        claim: Claim,
        observed: impl Into<Observed>,
        doubt: impl Into<Text>,
    ) -> Result<(), Error> {
        self.check_at(claim, &observed.into(), Some(doubt.into()), std::panic::Location::caller()).map(drop)
    }

    #[expect(clippy::needless_pass_by_value, reason = "a claim is used up: it is checked once")]
    fn check_at(
        &mut self,
        claim: Claim,
        observed: &Observed,
        doubt: Option<Text>,
        at: Location,
    ) -> Result<Option<bool>, Error> {
        let lang = self.lang();
        let claimed = &mut self.open().claims[claim.0];
        let mut check = Check::new(&claimed.text, lang, &claimed.expect, observed);
        if let Some(doubt) = &doubt {
            check = check.without_verdict(lang, doubt);
        }
        claimed.check = Some(check.clone());
        let (text, expected) = (claimed.text.clone(), claimed.expect.shown());
        let mut data = object(json!({ "held": check.held }));
        told::insert(&mut data, "expected", &expected, lang);
        told::insert(&mut data, "observed", observed, lang);
        if let Some(doubt) = doubt {
            data.insert("doubt".to_owned(), check.doubt.into());
            data.insert("doubt_words".to_owned(), doubt.in_other_langs(lang).into());
        }
        self.tell_at(Kind::Check, Some(&text), data, at)?;
        Ok(check.held)
    }

    /// Claims that no child and no zombie is left when the scene has ended: [`Stage::check_nothing_left`].
    ///
    /// # Errors
    ///
    /// As [`Stage::claim`].
    ///
    /// # Panics
    ///
    /// As [`Stage::claim`].
    #[track_caller]
    pub fn claim_nothing_left(&mut self) -> Result<Claim, Error> {
        self.claim(nothing_is_left(), Is(0))
    }

    /// Holds [`Stage::claim_nothing_left`] against what `/proc` says.
    ///
    /// # Errors
    ///
    /// As [`Stage::check`]; `/proc` cannot be read.
    ///
    /// # Panics
    ///
    /// As [`Stage::check`].
    #[track_caller]
    pub fn check_nothing_left(&mut self, claim: Claim) -> Result<bool, Error> {
        let left = procfs::children()?.len();
        self.check(claim, left)
    }

    /// Plays a scene whose claims are a table: makes the claims, plays `act`, and holds each claim against
    /// what `act` returned and what the journal has of it. Returns what `act` returned.
    ///
    /// # Errors
    ///
    /// What `act` returns; then nothing is checked. The journal cannot be read, or a line not be written.
    ///
    /// # Panics
    ///
    /// Outside a scene.
    pub fn play<O>(&mut self, claims: Claims<O>, act: impl FnOnce(&mut Self) -> Result<O, Error>) -> Result<O, Error> {
        let mut made = Vec::new();
        for row in claims.rows {
            made.push((self.claim_at(row.text, row.expect, row.at)?, row.observe, row.at));
        }
        let observed = act(self)?;
        let record = self.record()?;
        for (claim, observe, at) in made {
            let (answer, doubt) = observe(&observed, &record)?;
            self.check_at(claim, &answer, doubt, at)?;
        }
        Ok(observed)
    }
}
