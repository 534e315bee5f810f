/// The configuration file of `adit up`: YAML 1.2 to records, with every mistake in it reported where it stands.
///
/// ```
/// octets -> YamlDocument -> nodes with positions -> TunnelReader -> TunnelConfig -> Alikes -> UpConfig
///                     \____________________\______________\__________________/
///                                      all complain to Problems
/// ```
///
/// [UpConfig#read] is the way in. A reader that meets a mistake reports it and reads on, so that one run shows
/// all of them. What comes out is only used when there was no error.
package adit.program.config;
