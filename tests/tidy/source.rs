//! One Rust file, read for what it declares and what it names. Code under `#[cfg(test)]` is left out.

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Item, Meta, UseTree};

use super::tokens;

/// What one file declares and names.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) modules: Vec<Declaration>,
    pub(crate) items: Vec<(Scope, String)>,
    pub(crate) macros: Vec<MacroDefinition>,
    pub(crate) mentions: Vec<Mention>,
}

/// The inline modules around a place in a file, outermost first.
pub(crate) type Scope = Vec<String>;

/// `mod name;`, or `mod name { .. }`.
#[derive(Debug)]
pub(crate) struct Declaration {
    pub(crate) scope: Scope,
    pub(crate) name: String,
    /// Of the attribute `#[path = "..."]`.
    pub(crate) path: Option<String>,
    pub(crate) is_inline: bool,
}

/// `macro_rules! name`
#[derive(Debug)]
pub(crate) struct MacroDefinition {
    pub(crate) scope: Scope,
    pub(crate) name: String,
    pub(crate) is_exported: bool,
}

/// A path that the code names, as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) scope: Scope,
    /// Its first segment is `::` where the path begins with that.
    pub(crate) segments: Vec<String>,
    pub(crate) role: Role,
    pub(crate) line: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// `use path;`, or `use path as alias;`
    Import { alias: String },
    /// `use path::*;`
    Glob,
    /// In a type, an expression, a pattern, an attribute, the tokens of a macro.
    Path,
    /// In the body of a macro that other crates call, where a path goes through public modules alone.
    PublicPath,
    /// `path().method(..)`
    Receiver { method: String },
    /// `value.method()`, without an argument; the only segment is the method.
    Method,
    /// `path!(..)`
    Macro,
}

impl Source {
    pub(crate) fn read(text: &str) -> syn::Result<Self> {
        let mut reader = Reader::default();
        reader.visit_file(&syn::parse_file(text)?);
        Ok(reader.source)
    }
}

#[derive(Default)]
struct Reader {
    scope: Scope,
    source: Source,
}

impl Reader {
    fn mention(&mut self, segments: Vec<String>, role: Role, line: usize) {
        self.source.mentions.push(Mention { scope: self.scope.clone(), segments, role, line });
    }

    fn path(&mut self, path: &syn::Path, role: Role) {
        self.mention(segments(path), role, line(&path.segments[0].ident));
    }

    fn declare(&mut self, name: &syn::Ident) {
        self.source.items.push((self.scope.clone(), name.to_string()));
    }

    fn imports(&mut self, tree: &UseTree, prefix: &[String]) {
        let with = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.imports(&path.tree, &with(&path.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.imports(tree, prefix)),
            UseTree::Name(name) if name.ident == "self" => {
                let alias = prefix.last().cloned().unwrap_or_default();
                self.mention(prefix.to_vec(), Role::Import { alias }, line(&name.ident));
            }
            UseTree::Name(name) => {
                self.mention(with(&name.ident), Role::Import { alias: name.ident.to_string() }, line(&name.ident));
            }
            UseTree::Rename(rename) => {
                let path = if rename.ident == "self" { prefix.to_vec() } else { with(&rename.ident) };
                self.mention(path, Role::Import { alias: rename.rename.to_string() }, line(&rename.ident));
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                self.mention(prefix.to_vec(), Role::Glob, line);
            }
        }
    }

    /// A macro's own body is expanded elsewhere: only a path from the crate's root means the same there.
    fn macro_definition(&mut self, item: &syn::ItemMacro, name: &syn::Ident) {
        let is_exported = item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"));
        let definition = MacroDefinition { scope: self.scope.clone(), name: name.to_string(), is_exported };
        self.source.macros.push(definition);
        for (segments, role, line) in tokens::mentions(&item.mac.tokens) {
            if segments[0] == "crate" {
                self.mention(segments, if is_exported { Role::PublicPath } else { role }, line);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if attributes(item).iter().any(is_for_tests) {
            return;
        }
        match item {
            Item::Const(item) => self.declare(&item.ident),
            Item::Enum(item) => self.declare(&item.ident),
            Item::Fn(item) => self.declare(&item.sig.ident),
            Item::Static(item) => self.declare(&item.ident),
            Item::Struct(item) => self.declare(&item.ident),
            Item::Trait(item) => self.declare(&item.ident),
            Item::TraitAlias(item) => self.declare(&item.ident),
            Item::Type(item) => self.declare(&item.ident),
            Item::Union(item) => self.declare(&item.ident),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !function.attrs.iter().any(is_for_tests) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let declaration = Declaration {
            scope: self.scope.clone(),
            name: module.ident.to_string(),
            path: module.attrs.iter().find_map(path_attribute),
            is_inline: module.content.is_some(),
        };
        self.source.modules.push(declaration);
        self.scope.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.scope.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let prefix = item.leading_colon.as_ref().map(|_| "::".to_owned());
        self.imports(&item.tree, prefix.as_slice());
    }

    /// `extern crate self as name;`
    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        if item.ident == "self"
            && let Some((_, alias)) = &item.rename
        {
            self.mention(vec!["crate".to_owned()], Role::Import { alias: alias.to_string() }, line(alias));
        }
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        match &item.ident {
            Some(name) => self.macro_definition(item, name),
            None => self.visit_macro(&item.mac),
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.path(&call.path, Role::Macro);
        self.visit_token_stream(&call.tokens);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.args.is_empty() {
            self.mention(vec![call.method.to_string()], Role::Method, line(&call.method));
        }
        if let Expr::Call(inner) = &*call.receiver
            && let Expr::Path(function) = &*inner.func
        {
            self.path(&function.path, Role::Receiver { method: call.method.to_string() });
            inner.args.iter().for_each(|argument| self.visit_expr(argument));
        } else {
            self.visit_expr(&call.receiver);
        }
        if let Some(turbofish) = &call.turbofish {
            self.visit_angle_bracketed_generic_arguments(turbofish);
        }
        call.args.iter().for_each(|argument| self.visit_expr(argument));
    }

    /// `<Type>::function` is `Type::function`.
    fn visit_expr_path(&mut self, expression: &'ast syn::ExprPath) {
        match expression.qself.as_ref().map(|qself| (&*qself.ty, qself.position)) {
            Some((syn::Type::Path(of), 0)) => {
                let function = expression.path.segments.iter().map(|segment| segment.ident.to_string());
                let named = segments(&of.path).into_iter().chain(function).collect();
                self.mention(named, Role::Path, line(&of.path.segments[0].ident));
            }
            _ => visit::visit_expr_path(self, expression),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(path, Role::Path);
        visit::visit_path(self, path);
    }

    fn visit_token_stream(&mut self, stream: &'ast TokenStream) {
        for (segments, role, line) in tokens::mentions(stream) {
            self.mention(segments, role, line);
        }
    }

    /// `pub(in path)` uses nothing.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if !attribute.path().is_ident("doc") {
            visit::visit_attribute(self, attribute);
        }
    }
}

fn segments(path: &syn::Path) -> Vec<String> {
    let first = path.leading_colon.as_ref().map(|_| "::".to_owned());
    first.into_iter().chain(path.segments.iter().map(|segment| segment.ident.to_string())).collect()
}

fn line(name: &syn::Ident) -> usize {
    name.span().start().line
}

fn path_attribute(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) if pair.path.is_ident("path") => Some(text.value()),
        _ => None,
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("test")
        || attribute.path().is_ident("cfg") && attribute.parse_args::<Meta>().is_ok_and(|meta| needs_test(&meta))
}

/// Whether the predicate of a `cfg` is true in tests alone.
fn needs_test(predicate: &Meta) -> bool {
    let Meta::List(list) = predicate else { return predicate.path().is_ident("test") };
    let parts = list.parse_args_with(syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated);
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (list.path.is_ident("all") && parts.iter().any(needs_test))
        || (list.path.is_ident("any") && !parts.is_empty() && parts.iter().all(needs_test))
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
