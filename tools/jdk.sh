# Sourced, not run: finds a JDK without starting one, by the `release` file that every JDK carries.
# shellcheck shell=sh disable=SC2034 # what it sets is for its caller

# jdk_major HOME: sets jdk_version to the version of the JDK at HOME, such as 25.0.3, and major to its first number; 0
# when there is none.
jdk_major() {
    major=0
    jdk_version=
    [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
    while IFS='="' read -r key _ value _; do
        if [ "$key" = JAVA_VERSION ]; then
            jdk_version=$value
            major=${value%%[!0-9]*}
            break
        fi
    done <"$1/release"
    [ -n "$major" ] || major=0
}

# find_jdk VERSION: sets jdk to the home of a JDK of that feature version or later, to nothing when there is none.
# ADIT_JAVA_HOME goes first and is not passed over: whoever sets it wants that one. The compiler must be there too.
find_jdk() {
    wanted=$1
    jdk=
    if [ -n "${ADIT_JAVA_HOME:-}" ]; then
        jdk_major "$ADIT_JAVA_HOME"
        [ "$major" -lt "$wanted" ] || jdk=$ADIT_JAVA_HOME
        return 0
    fi
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* /opt/jdk* "${HOME:-}"/.sdkman/candidates/java/* \
        "${HOME:-}"/.jdks/*; do
        if [ -x "$home/bin/javac" ]; then
            jdk_major "$home"
            if [ "$major" -ge "$wanted" ]; then
                jdk=$home
                return 0
            fi
        fi
    done
    if home=$(command -v java) && home=$(readlink -f "$home"); then
        home=${home%/bin/java}
        jdk_major "$home"
        [ "$major" -lt "$wanted" ] || jdk=$home
    fi
    return 0
}

# no_jdk VERSION: says on stderr what was looked at and what to do.
no_jdk() {
    if [ -n "${ADIT_JAVA_HOME:-}" ]; then
        echo "ADIT_JAVA_HOME is $ADIT_JAVA_HOME, and there is no JDK $1 or later in it." >&2
        return 0
    fi
    cat >&2 <<EOF
Adit needs a JDK $1 or later and found none: not in ADIT_JAVA_HOME, JAVA_HOME, /usr/lib/jvm, /opt, ~/.sdkman or
~/.jdks, and not as java on the PATH.

  Debian 13, Ubuntu 25.10 or later    apt-get install openjdk-$1-jdk-headless
  Fedora                              dnf install java-$1-openjdk-devel
  elsewhere                           https://adoptium.net/temurin/releases/?version=$1
                                      unpack it anywhere and set ADIT_JAVA_HOME=/path/to/jdk
EOF
}
