//! The mutants of a source file.

use std::mem::discriminant;
use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ExprMethodCall, Pat, Stmt};

use super::mutant::{Change, Mutant, Wrap};
use super::scope;

/// The mutants of a file.
///
/// # Errors
///
/// If it is no Rust.
pub(crate) fn mutants(file: &str, text: &str) -> syn::Result<Vec<Mutant>> {
    let mut finder = Finder { file, text, owner: None, function: None, found: Vec::new() };
    finder.visit_file(&syn::parse_file(text)?);
    let mut found = finder.found;
    found.sort_by_key(|mutant| (mutant.line, mutant.wraps[0].range.start));
    Ok(found)
}

struct Finder<'a> {
    file: &'a str,
    text: &'a str,
    /// The type of the `impl`.
    owner: Option<String>,
    function: Option<String>,
    found: Vec<Mutant>,
}

const IS: &str = "crate::mutant::is(#)";

impl Finder<'_> {
    fn add(&mut self, range: &Range<usize>, change: Change, wraps: Vec<Wrap>) {
        let Some(function) = &self.function else { return };
        let text = self.text[range.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        let line = self.text[..range.start].matches('\n').count() + 1;
        self.found.push(Mutant { file: self.file.to_owned(), function: function.clone(), line, change, text, wraps });
    }

    fn wrap(&mut self, range: Range<usize>, change: Change, before: String, after: &str) {
        let wrap = Wrap { range: range.clone(), before, after: after.to_owned() };
        self.add(&range, change, vec![wrap]);
    }

    fn in_function(&mut self, name: &syn::Ident, visit: impl FnOnce(&mut Self)) {
        let name = self.owner.as_ref().map_or_else(|| name.to_string(), |owner| format!("{owner}::{name}"));
        if !scope::is_without_promise(&name) {
            let outer = self.function.replace(name);
            visit(self);
            self.function = outer;
        }
    }

    fn force(&mut self, condition: &Expr, to: bool) {
        let is = if to { format!("({IS} || (") } else { format!("(!{IS} && (") };
        self.wrap(condition.span().byte_range(), Change::Forced(to), is, "))");
    }

    /// The condition of an `if`, a match guard, or `then`.
    fn condition(&mut self, condition: &Expr) {
        if has_let(condition) {
            self.wrap(condition.span().byte_range(), Change::Forced(false), format!("!{IS} && "), "");
        } else {
            self.force(condition, true);
            self.force(condition, false);
        }
    }

    /// Both sides of a call `load(Ordering::Acquire)`, say.
    fn orderings(&mut self, call: &ExprMethodCall) {
        let method = call.method.to_string();
        let arguments = call.args.iter().filter_map(|argument| Some((argument, ordering(argument)?)));
        for (index, (argument, from)) in arguments.enumerate() {
            let is_load = method == "load" || index > 0;
            for to in weaker(&from, is_load, method == "store") {
                let before = format!("crate::mutant::either(#, Ordering::{to}, ");
                let wraps = vec![Wrap { range: argument.span().byte_range(), before, after: ")".to_owned() }];
                self.add(&call.span().byte_range(), Change::Weaker { from: from.clone(), to }, wraps);
            }
        }
    }

    fn swap(&mut self, one: &Stmt, other: &Stmt) {
        let (one, other) = (one.span().byte_range(), other.span().byte_range());
        let second = &self.text[other.clone()];
        if second.contains("//") {
            return;
        }
        // It stands twice in the file, and takes what it uses once.
        let second =
            second.split_whitespace().collect::<Vec<_>>().join(" ").replace(".into_iter()", ".clone().into_iter()");
        let wraps = vec![
            Wrap { range: one.clone(), before: format!("if {IS} {{ {second} }} "), after: String::new() },
            Wrap { range: other.clone(), before: format!("if !{IS} {{ "), after: " }".to_owned() },
        ];
        self.add(&(one.start..other.end), Change::Swapped, wraps);
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !module.attrs.iter().any(|attribute| attribute.path().is_ident("cfg")) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let name = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        let is_printing = item.trait_.as_ref().is_some_and(|(of, _)| {
            of.segments.last().is_some_and(|last| last.ident == "Debug" || last.ident == "Display")
        });
        if !is_printing {
            let outer = std::mem::replace(&mut self.owner, name);
            visit::visit_item_impl(self, item);
            self.owner = outer;
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if function.sig.constness.is_none() {
            self.in_function(&function.sig.ident, |finder| visit::visit_item_fn(finder, function));
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if function.sig.constness.is_none() {
            self.in_function(&function.sig.ident, |finder| visit::visit_impl_item_fn(finder, function));
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        for statement in &block.stmts {
            if dropped(statement).is_some() {
                let range = statement.span().byte_range();
                self.wrap(range, Change::Dropped, format!("if !{IS} {{ "), " }");
            }
        }
        let mut last: Option<&Stmt> = None;
        let mut is_between = false;
        for statement in &block.stmts {
            match dropped(statement) {
                Some(callee) if scope::is_fence(&callee) => is_between = true,
                Some(callee) if scope::has_effect(&callee) => {
                    let is_ordered = |one: &Stmt| is_between || !(is_relaxed(one) && is_relaxed(statement));
                    if let Some(one) = last.filter(|one| is_ordered(one)) {
                        self.swap(one, statement);
                    }
                    (last, is_between) = (Some(statement), false);
                }
                _ if is_crash_point(statement) => is_between = true,
                _ => (last, is_between) = (None, false),
            }
        }
        visit::visit_block(self, block);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if !scope::is_private(&self.text[call.receiver.span().byte_range()]) {
            self.orderings(call);
        }
        if call.method == "then" || call.method == "then_some" {
            self.condition(&call.receiver);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if self.text[call.func.span().byte_range()] == *"futex::wake" {
            let before = format!("(if {IS} {{ 0 }} else {{ ");
            self.wrap(call.span().byte_range(), Change::Dropped, before, " })");
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_if(&mut self, expression: &'ast syn::ExprIf) {
        self.condition(&expression.cond);
        visit::visit_expr_if(self, expression);
    }

    fn visit_expr_while(&mut self, expression: &'ast syn::ExprWhile) {
        if has_let(&expression.cond) {
            self.condition(&expression.cond);
        } else {
            self.force(&expression.cond, false);
        }
        visit::visit_expr_while(self, expression);
    }

    fn visit_pat_guard(&mut self, pattern: &'ast syn::PatGuard) {
        self.condition(&pattern.guard);
        visit::visit_pat_guard(self, pattern);
    }

    fn visit_expr_binary(&mut self, expression: &'ast syn::ExprBinary) {
        let neutral = match expression.op {
            BinOp::And(_) => Some(true),
            BinOp::Or(_) => Some(false),
            _ => None,
        };
        if let Some(to) = neutral {
            let is_same = |side: &Expr| matches!(side, Expr::Binary(inner) if discriminant(&inner.op) == discriminant(&expression.op));
            for side in [&*expression.left, &*expression.right] {
                if !has_let(side) && !is_same(side) {
                    self.force(side, to);
                }
            }
        }
        visit::visit_expr_binary(self, expression);
    }
}

/// The name of what a statement calls, if it may be dropped.
fn dropped(statement: &Stmt) -> Option<String> {
    let expression = match statement {
        Stmt::Expr(expression, Some(_)) => expression,
        Stmt::Local(local) if matches!(local.pat, Pat::Wild(_)) => &local.init.as_ref()?.expr,
        _ => return None,
    };
    callee(expression).filter(|name| scope::may_be_dropped(name))
}

fn callee(expression: &Expr) -> Option<String> {
    match expression {
        Expr::MethodCall(call) => Some(call.method.to_string()),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        },
        Expr::Try(inner) => callee(&inner.expr),
        _ => None,
    }
}

fn is_crash_point(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Expr(expression, _) if callee(expression).as_deref() == Some("hit"))
}

/// Whether a statement is one relaxed access: its order among others is not that of the processor.
fn is_relaxed(statement: &Stmt) -> bool {
    match statement {
        Stmt::Expr(Expr::MethodCall(call), _) => {
            call.args.iter().find_map(ordering).is_some_and(|ordering| ordering == "Relaxed")
        }
        _ => false,
    }
}

fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// `Ordering::X`
fn ordering(expression: &Expr) -> Option<String> {
    let Expr::Path(path) = expression else { return None };
    let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let (name, of) = (names.next()?, names.next()?);
    (of == "Ordering").then_some(name)
}

/// The orderings one step below another.
fn weaker(from: &str, is_load: bool, is_store: bool) -> &'static [&'static str] {
    match from {
        "SeqCst" if is_load => &["Acquire"],
        "SeqCst" if is_store => &["Release"],
        "SeqCst" => &["AcqRel"],
        "AcqRel" => &["Acquire", "Release"],
        "Acquire" | "Release" => &["Relaxed"],
        _ => &[],
    }
}
