package adit.bsdtun;

/// Who makes a call.
public enum Privilege {
    /// The superuser, who may open units and change interfaces.
    SUPERUSER,
    /// Anybody else.
    NONE
}
