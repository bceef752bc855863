using System.Runtime.CompilerServices;

namespace LogDomain.Tests.Reproducibility;

/// <summary>The same bits with every instruction set: this test's own program, run again with sets switched off.</summary>
public class InstructionSetTests
{
    private const string Variable = "LOGDOMAIN_TEST_FINGERPRINT_FILE";

    [Theory]
    [MemberData(nameof(InstructionSets.Switches), MemberType = typeof(InstructionSets))]
    public void Bits_do_not_depend_on_the_instruction_set(string disabled) => InstructionSets.AssertSame(Variable, disabled, Compute);

    [ModuleInitializer]
    internal static void WriteFingerprint() => InstructionSets.WriteInChild(Variable, Compute);

    private static string[] Compute() => Fingerprint.Compute().Split('\n');
}
