namespace LogDomain.Cli.Evaluation;

/// <summary>A sum that keeps what its roundings lost (Neumaier 1974), so that a hundred million rows add up to the last digits.</summary>
internal readonly record struct Total(double Sum, double Error)
{
    public double Value => double.IsFinite(Sum) ? Sum + Error : Sum;

    public static Total operator +(Total total, double value)
    {
        double sum = total.Sum + value;
        double lost = Math.Abs(total.Sum) >= Math.Abs(value) ? (total.Sum - sum) + value : (value - sum) + total.Sum;
        return new(sum, total.Error + lost);
    }

    public static Total operator +(Total left, Total right)
    {
        Total total = left + right.Sum;
        return total with { Error = total.Error + right.Error };
    }
}
