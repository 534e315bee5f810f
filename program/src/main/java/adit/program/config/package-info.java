/// The files of `adit up` and `adit lab`: YAML 1.2 to records, with every mistake in them reported where it
/// stands.
///
/// ```
/// octets -> YamlDocument -> nodes with positions -> TunnelReader -> TunnelConfig -> Alikes -> UpConfig
///                     \____________________\______________\__________________/
///                                      all complain to Problems
///
/// octets -> YamlDocument -> LabReader, HostReader, CableReader -> adit.lab.LabSpec
/// ```
///
/// [UpConfig#read] and [LabConfig#read] are the ways in, and answer with a [Reading]. A reader that meets a
/// mistake reports it and reads on, so that one run shows all of them.
package adit.program.config;
