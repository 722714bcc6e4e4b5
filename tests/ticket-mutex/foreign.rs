//! Buyers that are other programs, and follow the rule of the section's README: `fcntl.flock` of Python and flock(1).

use std::path::Path;
use std::process::{Child, Command, Stdio};

use support::{Program, program};

use crate::Tickets;

/// The README's function for Python, called again and again: prints how many tickets it bought.
const PYTHON: &str = r"
import sys
sys.path.insert(0, sys.argv[1])
from buy import buy
print(sum(buy(sys.argv[2]) for _ in range(int(sys.argv[3]))))
";

/// The README's lines for the shell, called again and again: prints how many tickets they bought.
const SHELL: &str = r#"
bought=0 i=0
while [ $i -lt "$3" ]; do
    i=$((i + 1))
    if sh "$1/buy.sh" "$2"; then bought=$((bought + 1)); fi
done
echo $bought
"#;

/// The code block of the README's section that follows the line `heading`.
fn block(heading: &str) -> String {
    let readme = include_str!("../../crates/ticket-mutex/README.md");
    let after = readme.split_once(heading).unwrap_or_else(|| panic!("the README has no {heading:?}")).1;
    let block = after.split("```").nth(1).expect("a code block");
    block.split_once('\n').expect("a language").1.to_owned()
}

fn start(program: &str, code: &str, folder: &Path, file: &Path, times: u32) -> Child {
    let mut command = Command::new(program);
    command.args(["-c", code]);
    if program == "sh" {
        command.arg("sh");
    }
    command.arg(folder).arg(file).arg(times.to_string()).env("LC_ALL", "C.UTF-8");
    command.stdout(Stdio::piped()).spawn().unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn bought(child: Child) -> u32 {
    let output = child.wait_with_output().expect("its end");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number")
}

fn buy(tickets: &Tickets) -> Program {
    program!().arg("--file").arg(tickets.path()).args(["buy", "--user", "Ann"])
}

/// Sells `stock` tickets to `times` calls each of two Python programs and two shells, and to ours meanwhile. Returns
/// how many each kind bought.
fn sell(stock: u32, times: u32) -> [u32; 3] {
    let tickets = Tickets::none();
    tickets.program().args(["restock", &stock.to_string()]).run().expect_code(0);
    let scripts = support::tempfile::tempdir().expect("a temporary folder");
    std::fs::write(scripts.path().join("buy.py"), block("In Python")).expect("our own folder");
    std::fs::write(scripts.path().join("buy.sh"), block("In a shell")).expect("our own folder");
    let (file, scripts) = (tickets.path(), scripts.path());
    let pythons = [0, 1].map(|_| start("python3", PYTHON, scripts, &file, times));
    let shells = [0, 1].map(|_| start("sh", SHELL, scripts, &file, times));
    let mut ours = 0;
    for _ in 0..times / 2 {
        let pair = [buy(&tickets).start(), buy(&tickets).start()];
        ours += pair.map(|run| u32::from(run.wait().code() == Some(0))).iter().sum::<u32>();
    }
    let [pythons, shells] = [pythons, shells].map(|pair| pair.map(bought).iter().sum::<u32>());
    assert_eq!(u64::from(pythons + shells + ours) + tickets.left(), u64::from(stock));
    assert_eq!(tickets.everything().len(), 1, "{:?}", tickets.everything());
    [pythons, shells, ours]
}

#[test]
fn hundreds_of_sales_of_three_kinds_of_programs_are_all_counted() {
    // Enough for all: every call buys.
    assert_eq!(sell(600, 100), [200, 200, 100]);
}

#[test]
fn no_kind_of_program_sells_a_ticket_that_is_not_there() {
    let bought = sell(150, 60);
    assert_eq!(bought.iter().sum::<u32>(), 150, "{bought:?}");
}
