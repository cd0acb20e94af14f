/* random: floats spread in a certain way. */
#include <math.h>

#include "base/buf.h"
#include "lang/random.h"
#include "lang/types.h"

static struct random *self_of(value *a) { return (struct random *)a[0].o; }
static double draw(value *a) { return twister_double(&self_of(a)->twister); }

static bool two_floats(struct vm *vm, value *a, double *x, double *y)
{
	return value_to_double(vm, a[1], x) && value_to_double(vm, a[2], y);
}

static value random_uniform(struct vm *vm, value *a)
{
	double from, to;
	return two_floats(vm, a, &from, &to) ? value_float(from + (to - from) * draw(a)) : VALUE_UNSET;
}

static value random_triangular(struct vm *vm, value *a)
{
	double low, high, mode;

	if (!two_floats(vm, a, &low, &high))
		return VALUE_UNSET;
	double u = draw(a), c = 0.5;
	if (!is_none(a[3])) {
		if (!value_to_double(vm, a[3], &mode))
			return VALUE_UNSET;
		if (high == low)
			return value_float(low);
		c = (mode - low) / (high - low);
	}
	if (u > c) {
		u = 1 - u;
		c = 1 - c;
		double kept = low;
		low = high;
		high = kept;
	}
	return value_float(low + (high - low) * sqrt(u * c));
}

static value random_gauss(struct vm *vm, value *a)
{
	struct random *r = self_of(a);
	double mu, sigma, z;

	if (!two_floats(vm, a, &mu, &sigma))
		return VALUE_UNSET;
	if (r->has_next)
		z = r->next;
	else {
		double angle = draw(a) * (2 * M_PI), radius = sqrt(-2 * log(1 - draw(a)));
		z = cos(angle) * radius;
		r->next = sin(angle) * radius;
	}
	r->has_next = !r->has_next;
	return value_float(mu + z * sigma);
}

/* Kinderman and Monahan 1977: the ratio of two uniform numbers. */
static double normal(value *a)
{
	const double magic = 4 * exp(-0.5) / sqrt(2.0);

	for (;;) {
		double u = draw(a), v = 1 - draw(a), z = magic * (u - 0.5) / v;
		if (z * z / 4 <= -log(v))
			return z;
	}
}

static value random_normalvariate(struct vm *vm, value *a)
{
	double mu, sigma;
	return two_floats(vm, a, &mu, &sigma) ? value_float(mu + normal(a) * sigma) : VALUE_UNSET;
}

static value random_lognormvariate(struct vm *vm, value *a)
{
	double mu, sigma;
	return two_floats(vm, a, &mu, &sigma) ? value_float(exp(mu + normal(a) * sigma)) : VALUE_UNSET;
}

static value random_expovariate(struct vm *vm, value *a)
{
	double rate;

	if (!value_to_double(vm, a[1], &rate))
		return VALUE_UNSET;
	if (rate == 0)
		return vm_raise(vm, vm->errors.ZeroDivisionError, "float division by zero");
	return value_float(-log(1 - draw(a)) / rate);
}

static value random_paretovariate(struct vm *vm, value *a)
{
	double alpha;
	return value_to_double(vm, a[1], &alpha) ? value_float(pow(1 - draw(a), -1 / alpha)) : VALUE_UNSET;
}

static value random_weibullvariate(struct vm *vm, value *a)
{
	double alpha, beta;
	return two_floats(vm, a, &alpha, &beta) ? value_float(alpha * pow(-log(1 - draw(a)), 1 / beta)) : VALUE_UNSET;
}

const struct native random_spread[] = {
	{ "uniform", random_uniform, "a, b", "A float from a to b." },
	{ "triangular", random_triangular, "low=0.0, high=1.0, mode=None", "A float from low to high, most often near mode." },
	{ "gauss", random_gauss, "mu=0.0, sigma=1.0", "A float of the normal distribution." },
	{ "normalvariate", random_normalvariate, "mu=0.0, sigma=1.0", "A float of the normal distribution." },
	{ "lognormvariate", random_lognormvariate, "mu, sigma", "A float whose logarithm is normally distributed." },
	{ "expovariate", random_expovariate, "lambd", "A float of the exponential distribution with that rate." },
	{ "paretovariate", random_paretovariate, "alpha", "A float of the Pareto distribution." },
	{ "weibullvariate", random_weibullvariate, "alpha, beta", "A float of the Weibull distribution." },
	{0}
};
