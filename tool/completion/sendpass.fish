# SPDX-License-Identifier: BSD-2-Clause
# fish completion for sendpass(1)
#
# Verbs and options come from `sendpass --help` and `sendpass VERB --help`, so that
# they are those of the sendpass that is there. Values are here.

# Lines "--option" or "--option VALUE": of the verb, or without one those before it.
function __sendpass_options
    $argv --help 2>/dev/null | awk '/^  (-[A-Za-z], )?--/ {
        for (i = 1; $i ~ /^-/; i++) {
            sub(/,$/, "", $i)
            if ($i ~ /^--/)
                print $i ($(i + 1) ~ /^[A-Z]+$/ ? " VALUE" : "")
        }
    }
    END { print "--help" }' | sort -u
end

# Lines "verb<TAB>summary".
function __sendpass_verbs
    $argv[1] --help 2>/dev/null | awk '/^$/ { inside = 0 }
        inside { verb = $1; sub(/^ *[^ ]+ +/, ""); print verb "\t" $0 }
        /^Verbs:/ { inside = 1 }'
end

function __sendpass_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -l previous $words[-1]
    set -l verb
    set -l given
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case -f -D -Y --config --bind-dn --sasl
                set -e words[1]
            case '-*'
            case '*'
                set verb $words[1]
                break
        end
        set -e words[1]
    end
    if string match -q -- '--*=*' $current
        set previous (string replace -r '=.*' '' -- $current)
        set given $previous=
    end
    set -l options (__sendpass_options $program $verb)
    set -l values
    switch "$verb:$previous"
        case :-f ':--config' '*:--socket' '*:--*-config' '*:--log' '*:--journal-directory'
            __fish_complete_path (string replace -r '^--[a-z-]*=' '' -- $current)
            return
        case ':-D'
            return
        case ':-Y' ':--sasl'
            set values GSSAPI
        case 'issue:--format' 'rotate:--format'
            set values text json sheet qr thunderbird mobileconfig
        case 'report:--format'
            set values text json html
        case 'schema:--format'
            set values openldap ldif 389ds
        case 'watch:--result'
            set values granted denied unavailable warned
        case '*:--state'
            set values active revoked suspended expired not_yet_valid unusable
    end
    if set -q values[1]
        printf '%s\n' "$given"$values
    else if contains -- "$previous VALUE" $options
        return
    else if string match -q -- '-*' $current
        string replace ' VALUE' '' -- $options
    else if not set -q verb[1]
        __sendpass_verbs $program
    end
end

complete -c sendpass -f -a '(__sendpass_complete)'
