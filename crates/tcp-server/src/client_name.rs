//! How a client is called in the journal, the log and on the terminal.

use std::fmt;

use common::lang::Lang;
use common::words::Text;

use crate::words;

/// `client 51234`, after the port of the client. A plain value: the text is made only where it is printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientName {
    pub(crate) port: u16,
    pub(crate) lang: Lang,
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words::client(self.port).in_lang(self.lang))
    }
}

impl From<ClientName> for Text {
    fn from(name: ClientName) -> Self {
        words::client(name.port)
    }
}
