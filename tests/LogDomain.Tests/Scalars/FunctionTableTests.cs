using LogDomain.Tests.Sweeps;

namespace LogDomain.Tests.Scalars;

/// <summary>The table of functions that the tests go through has them all.</summary>
public class FunctionTableTests
{
    // LogMix and the functions of whole numbers have tests of their own.
    private static readonly string[] Others = ["LogMix", "LogFactorial", "LogBinomial"];

    private static readonly string[] Tested =
        [.. UnaryFunction.All.Select(f => f.Name), .. BinaryFunction.All.Select(f => f.Name), .. BinaryFunction.Gradients.Select(f => f.Name), .. Others];

    [Fact]
    public void Every_function_of_LogMath_is_in_the_table() =>
        Assert.Empty(typeof(LogMath).GetMethods().Where(method => method.IsStatic).Select(method => method.Name).Except(Tested));

    [Fact]
    public void Every_function_of_one_or_two_numbers_has_a_span_form()
    {
        IEnumerable<string> functions = UnaryFunction.All.Select(f => f.Name).Concat(BinaryFunction.All.Select(f => f.Name));
        Assert.Empty(functions.Except(typeof(LogPrimitives).GetMethods().Select(method => method.Name)));
    }
}
