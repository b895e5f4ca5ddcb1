//! The event field of a play: `basic[/modifier…][.advance;advance…]`, and how many runs score on it.

/// How many runs score on a play.
///
/// The batter scores by a home run, a runner by an explicit advance (`3-H`), by stealing home, by being caught there where
/// an error lets him be safe, and by being put out there (`2XH`) where an error undoes it. Nobody scores twice.
pub fn runs(event: &str) -> u32 {
    let (play, advances) = cut(event, '.');
    let mut scored = [false; 4]; // the batter, and the runners of the three bases
    for basic in parts(cut(play, '/').0, &['+', ';']) {
        if is_home_run(basic) {
            scored[0] = true;
        } else if steals_home(basic) {
            scored[3] = true;
        }
    }
    for advance in parts(advances, &[';']) {
        if let Some(runner) = scores(advance) {
            scored[runner] = true;
        }
    }
    scored.iter().map(|&one| u32::from(one)).sum()
}

/// `HR`, or in files of old `H`, alone or with who fielded it; `HP` is hit by a pitch.
fn is_home_run(basic: &str) -> bool {
    let rest = match basic.strip_prefix('H') {
        Some(rest) => rest.trim_end_matches(['#', '!', '?']),
        None => return false,
    };
    rest.is_empty() || rest.starts_with('R') || rest.starts_with(|first: char| first.is_ascii_digit())
}

fn steals_home(basic: &str) -> bool {
    let caught = basic.strip_prefix("PO").unwrap_or(basic);
    basic.starts_with("SBH") || (caught.starts_with("CSH") && is_safe(caught))
}

/// Who scores by an advance: 0 for the batter, else the base he came from.
fn scores(advance: &str) -> Option<usize> {
    let mut letters = advance.chars();
    let runner = "B123".find(letters.next()?)?;
    let how = letters.next()?;
    let home = letters.next()? == 'H';
    (home && (how == '-' || (how == 'X' && is_safe(letters.as_str())))).then_some(runner)
}

/// Whether an error, `(2E4)`, undoes an out, and no other fielder is credited with it, `(6)` or `(62/TH)`.
fn is_safe(text: &str) -> bool {
    let mut error = false;
    for inner in text.split('(').skip(1).filter_map(|part| part.split(')').next()) {
        let after = inner.trim_start_matches(|c: char| c.is_ascii_digit());
        if after.starts_with('E') && after[1..].starts_with(|c: char| c.is_ascii_digit()) {
            error = true;
        } else if is_credit(inner) {
            return false;
        }
    }
    error
}

fn is_credit(inner: &str) -> bool {
    let fielders = inner.split('/').next().unwrap_or("");
    !fielders.is_empty() && fielders.chars().all(|c| c.is_ascii_digit() || "?!#".contains(c))
}

/// What stands before and after the first separator that is not within parentheses.
fn cut(text: &str, separator: char) -> (&str, &str) {
    match outside(text, &[separator]).next() {
        Some(place) => (&text[..place], &text[place + 1..]),
        None => (text, ""),
    }
}

/// The parts of a text between separators that are not within parentheses: `POCS2(13E4/TH).3-H(NR)` has a `/` in them.
fn parts<'a>(text: &'a str, separators: &'a [char]) -> impl Iterator<Item = &'a str> {
    let ends = outside(text, separators).chain([text.len()]);
    let mut from = 0;
    ends.map(move |end| {
        let part = &text[from..end];
        from = (end + 1).min(text.len());
        part
    })
}

fn outside<'a>(text: &'a str, separators: &'a [char]) -> impl Iterator<Item = usize> + 'a {
    let mut depth = 0u32;
    text.char_indices().filter_map(move |(place, letter)| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && separators.contains(&letter) => return Some(place),
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_score_by_advances_home_runs_and_steals() {
        let cases = [
            ("HR/F7.1-H;2-H;3-H", 4),
            ("HR", 1),
            ("H/L9D.2-H", 2),
            ("H9", 1),
            ("HR#/F7.B-H", 1),
            ("HP.3-H(RBI)", 1),
            ("HP#", 0),
            ("SBH(UR);SB2", 1),
            ("SB2;SB3", 0),
            ("K+SBH", 1),
            ("K+WP.B-1", 0),
            ("W#", 0),
            ("I.3-H", 1),
            ("S8/G4M.3-H(NR)(UR);2XH(8E2)", 2),
            ("S8.2XH(82)", 0),
            ("S8.2XH(8E2)(6)", 0),
            ("S8.2XH(E8)(62/TH)", 0),
            ("CSH(12)", 0),
            ("CSH(E2)", 1),
            ("POCSH(1E2)", 1),
            ("POCS2(13E4/TH).3-H(NR)", 1),
            ("FC1/G1.1-3(E1)(E1/TH);B-2", 0),
            ("W+PO3(265)", 0),
            ("5(2)4(1)3/GTP", 0),
            ("C/E2", 0),
            ("FLE2", 0),
            ("99#", 0),
            ("OA.3-H", 1),
            ("DI.1-2", 0),
            ("BK.3-H;1-2", 1),
            ("NP", 0),
            ("", 0),
        ];
        for (event, expected) in cases {
            assert_eq!(runs(event), expected, "{event}");
        }
    }

    #[test]
    fn parentheses_that_do_not_match_break_nothing() {
        for event in ["S8.3-H(", "S8).3-H", "((", "/.;+", "é.B-H"] {
            runs(event);
        }
    }
}
