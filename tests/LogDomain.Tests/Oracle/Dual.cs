namespace LogDomain.Tests.Oracle;

/// <summary>An exact number and its derivative by one variable: formulas written over it are differentiated by the rules of the calculus, term by term (forward mode).</summary>
public readonly record struct Dual(BigFloat Value, BigFloat Derivative)
{
    public static Dual Constant(double value) => new(BigFloat.From(value), BigFloat.Zero);

    public static Dual Variable(double value) => new(BigFloat.From(value), BigFloat.One);

    public static Dual operator +(Dual a, Dual b) => new(a.Value + b.Value, a.Derivative + b.Derivative);

    public static Dual operator -(Dual a, Dual b) => new(a.Value - b.Value, a.Derivative - b.Derivative);

    public static Dual operator -(Dual a) => new(-a.Value, -a.Derivative);

    public static Dual operator *(Dual a, Dual b) => new(a.Value * b.Value, (a.Derivative * b.Value) + (a.Value * b.Derivative));

    public static Dual operator /(Dual a, Dual b)
    {
        BigFloat quotient = a.Value / b.Value;
        return new(quotient, (a.Derivative - (quotient * b.Derivative)) / b.Value);
    }

    public static Dual Exp(Dual x)
    {
        BigFloat power = BigFloat.Exp(x.Value);
        return new(power, power * x.Derivative);
    }

    public static Dual Log(Dual x) => new(BigFloat.Log(x.Value), x.Derivative / x.Value);
}
