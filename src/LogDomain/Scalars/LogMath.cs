namespace LogDomain;

/// <summary>Functions of one and two numbers in the log domain.</summary>
/// <remarks>
/// <para>
/// <c>T</c> is <see cref="float"/>, <see cref="double"/>, <see cref="Half"/> or <see cref="BFloat16"/>; another type is computed as a double and converted. Every function of this class
/// that takes one number, or two, has a form for spans in <see cref="LogPrimitives"/> with the same bits. The bits do not depend on the machine or its instruction set.
/// </para>
/// <para>
/// Accuracy: float within 1 ulp (computed in double and rounded once), Half and BFloat16 correctly rounded, double within 2 ulp; docs/guide/accuracy.md has the largest errors found.
/// Values never throw: outside its domain a function is NaN, and NaN goes through.
/// </para>
/// <para>
/// Where the remarks name Maechler 2012, that is M. Maechler, <em>Accurately computing log(1 - exp(-|a|))</em>, vignette of the R package Rmpfr; Kahan 1987: W. Kahan, <em>Branch cuts for complex
/// elementary functions</em>; LogExpFunctions.jl, Stan, SciPy: the functions of these libraries that have the same values.
/// </para>
/// </remarks>
public static partial class LogMath
{
}
